-- Who is active before and after a change of some enrolments, by organisation.
-- $1 enrolment ids, $2 whose they are, $3 their expiry date afterwards (null: no end), $4 they are deleted
-- instead, $5 the day to judge (null, or past: today), $6 now
with people as materialized (
  select u.id, u.organisation_id, u.expires_on, s.active
  from users u left join license_spans s on s.user_id = u.id where u.id = any ($2)
),
days as materialized (
  select organisation_id, greatest($5, today_in(organisation_id, $6)) as day
  from (select distinct organisation_id from people) places
),
-- all at once: asking person by person would go through all that is chosen for each
live as (
  select distinct e.user_id
  from enrolments e join users u on u.id = e.user_id join days d on d.organisation_id = u.organisation_id
  where e.user_id = any ($2) and e.starts_on <= d.day
    and case when e.id = any ($1) then not $4 and ($3 is null or d.day <= $3)
             else e.expires_on is null or d.day <= e.expires_on end
),
judged as (
  select p.organisation_id, coalesce(p.active @> d.day, false) as is_active,
    live.user_id is not null and (p.expires_on is null or d.day <= p.expires_on) as will_be_active
  from people p join days d using (organisation_id) left join live on live.user_id = p.id
)
select o.id as organisation, o.name,
  count(*) filter (where is_active and not will_be_active) as freed,
  count(*) filter (where not is_active and will_be_active) as taken,
  count(*) as people
from judged j join organisations o on o.id = j.organisation_id
group by o.id, o.name
order by freed desc, taken desc, o.name collate natural_order, o.id
