-- $1 the file has expiry dates, $2 completion dates, $3 results
with created as (
  insert into enrolments (user_id, experience_id, starts_on, expires_on, completed_on, result)
  select user_id, experience_id, starts_on, expires_on, completed_on, result from load_learning l
  where not exists (
    select from enrolments e where e.user_id = l.user_id and e.experience_id = l.experience_id)
  order by user_id
  returning id, user_id, jsonb_build_object('experience_id', experience_id, 'starts_on', starts_on,
    'expires_on', expires_on, 'completed_on', completed_on, 'result', result) as after
),
changed as (
  update enrolments e
  set starts_on = l.starts_on,
      expires_on = case when $1 then l.expires_on else e.expires_on end,
      completed_on = case when $2 then l.completed_on else e.completed_on end,
      result = case when $3 then l.result when $2 and l.completed_on is null then null else e.result end,
      score = case when $2 and l.completed_on is null then null else e.score end
  from load_learning l join enrolments b on b.user_id = l.user_id and b.experience_id = l.experience_id
  where e.id = b.id
    and (e.starts_on <> l.starts_on
      or ($1 and e.expires_on is distinct from l.expires_on)
      or ($2 and e.completed_on is distinct from l.completed_on)
      or ($3 and e.result is distinct from l.result))
  returning e.id, e.user_id,
    jsonb_build_object('starts_on', b.starts_on, 'expires_on', b.expires_on, 'completed_on', b.completed_on,
      'result', b.result, 'score', b.score) as before,
    jsonb_build_object('starts_on', e.starts_on, 'expires_on', e.expires_on, 'completed_on', e.completed_on,
      'result', e.result, 'score', e.score) as after
),
noted as (
  insert into load_changes (subject_kind, subject_id, person_id, before, after)
  select 'enrolment', id, user_id, null, after from created
  union all
  select 'enrolment', id, user_id, before, after from changed
)
select (select count(*) from created) as created, (select count(*) from changed) as changed,
  (select count(*) from load_learning) as rows
