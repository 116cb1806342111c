-- $1 the file has expiry dates, $2 completion dates, $3 results
with created as (
  insert into enrolments (user_id, experience_id, starts_on, expires_on, completed_on, result)
  select user_id, experience_id, starts_on, expires_on, completed_on, result from load_learning l
  where not exists (
    select from enrolments e where e.user_id = l.user_id and e.experience_id = l.experience_id)
  order by user_id
  returning 1
),
changed as (
  update enrolments e
  set starts_on = l.starts_on,
      expires_on = case when $1 then l.expires_on else e.expires_on end,
      completed_on = case when $2 then l.completed_on else e.completed_on end,
      result = case when $3 then l.result when $2 and l.completed_on is null then null else e.result end,
      score = case when $2 and l.completed_on is null then null else e.score end
  from load_learning l
  where e.user_id = l.user_id and e.experience_id = l.experience_id
    and (e.starts_on <> l.starts_on
      or ($1 and e.expires_on is distinct from l.expires_on)
      or ($2 and e.completed_on is distinct from l.completed_on)
      or ($3 and e.result is distinct from l.result))
  returning 1
)
select (select count(*) from created) as created, (select count(*) from changed) as changed,
  (select count(*) from load_learning) as rows
