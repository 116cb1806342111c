-- Who is active before and after a change of some enrolments, by organisation.
-- $1 enrolment ids, $2 their expiry date afterwards (null: no end), $3 they are deleted instead,
-- $4 the day to judge (null, or past: today), $5 now
with chosen as materialized (
  select e.id, e.user_id from unnest($1) given (id) join enrolments e using (id)
),
people as materialized (
  select distinct u.id, u.organisation_id, u.expires_on
  from (select distinct user_id from chosen) c join users u on u.id = c.user_id
),
days as materialized (
  select organisation_id, greatest($4, today_in(organisation_id, $5)) as day
  from (select distinct organisation_id from people) places
),
-- for all people at once: asking person by person would go through all that is chosen for each
afterwards as (
  select p.id, bool_or(e.starts_on <= d.day
    and case when c.id is null then e.expires_on is null or d.day <= e.expires_on
             else not $3 and ($2 is null or d.day <= $2) end) as is_live
  from people p join days d on d.organisation_id = p.organisation_id
  join enrolments e on e.user_id = p.id
  left join chosen c on c.id = e.id
  group by p.id
),
judged as (
  select p.id, p.organisation_id,
    exists (select from license_spans s where s.user_id = p.id and s.active @> d.day) as is_active,
    (p.expires_on is null or d.day <= p.expires_on) and a.is_live as will_be_active
  from people p join days d on d.organisation_id = p.organisation_id join afterwards a on a.id = p.id
)
select o.id as organisation, o.name,
  count(*) filter (where is_active and not will_be_active) as freed,
  count(*) filter (where not is_active and will_be_active) as taken,
  count(*) as people
from judged j join organisations o on o.id = j.organisation_id
group by o.id, o.name
order by freed desc, taken desc, o.name collate natural_order, o.id
