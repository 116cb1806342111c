-- Which organisations give licenses back and which one needs more when users move, on the day in each tree.
-- The organisation that they move to is always among the rows.
-- $1 user ids, $2 the organisation that they move to, $3 now
with people as materialized (
  select u.id, u.organisation_id, u.expires_on
  from unnest($1) given (id) join users u using (id)
  where u.organisation_id is distinct from $2
),
days as materialized (
  select organisation_id, today_in(organisation_id, $3) as day
  from (select distinct organisation_id from people) places
),
there as materialized (select today_in($2, $3) as day),
judged as materialized (
  select p.organisation_id,
    exists (select from license_spans s where s.user_id = p.id and s.active @> d.day) as is_active,
    (p.expires_on is null or t.day <= p.expires_on) and exists (
      select from enrolments e
      where e.user_id = p.id and e.starts_on <= t.day and (e.expires_on is null or t.day <= e.expires_on)
    ) as will_be_active
  from people p join days d on d.organisation_id is not distinct from p.organisation_id cross join there t
)
select o.id as organisation, o.name, rows.freed, rows.taken, rows.people
from (
  select organisation_id, count(*) filter (where is_active) as freed, 0::bigint as taken, count(*) as people
  from judged group by organisation_id
  union all
  select $2, 0, count(*) filter (where will_be_active), 0 from judged
) rows
join organisations o on o.id = rows.organisation_id
order by freed desc, taken desc, o.name collate natural_order, o.id
