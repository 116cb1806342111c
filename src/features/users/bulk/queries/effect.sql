-- Who is active before and after a change of some accounts, by organisation.
-- $1 user ids, $2 the accounts' last day afterwards (null: none), $3 they are deleted instead,
-- $4 the day to judge, where it is still to come (null: today, everywhere), $5 now
with people as materialized (
  select u.id, u.organisation_id from unnest($1) given (id) join users u using (id)
),
days as materialized (
  select organisation_id, coalesce($4, today) as day
  from (
    select organisation_id, today_in(organisation_id, $5) as today
    from (select distinct organisation_id from people) places
  ) todays
  where $4 is null or $4 > today
),
judged as (
  select p.organisation_id,
    exists (select from license_spans s where s.user_id = p.id and s.active @> d.day) as is_active,
    not $3 and ($2 is null or d.day <= $2) and exists (
      select from enrolments e
      where e.user_id = p.id and e.starts_on <= d.day and (e.expires_on is null or d.day <= e.expires_on)
    ) as will_be_active
  from people p join days d using (organisation_id)
)
select o.id as organisation, o.name,
  count(*) filter (where is_active and not will_be_active) as freed,
  count(*) filter (where not is_active and will_be_active) as taken,
  count(*) as people
from judged j join organisations o on o.id = j.organisation_id
group by o.id, o.name
order by freed desc, taken desc, o.name collate natural_order, o.id
