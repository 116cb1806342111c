-- Who becomes active by being enrolled, by organisation, on the first day of the enrolment or today.
-- $1 user ids, $2 learning experience, $3 starts on, $4 expires on (null: no end), $5 now
with people as materialized (
  select u.id, u.organisation_id, u.expires_on from unnest($1) given (id) join users u using (id)
  where not exists (select from enrolments e where e.user_id = u.id and e.experience_id = $2)
),
days as materialized (
  select organisation_id, greatest($3, today_in(organisation_id, $5)) as day
  from (select distinct organisation_id from people) places
),
judged as (
  select p.organisation_id, exists (select from license_spans s where s.user_id = p.id and s.active @> d.day) as is_active,
    (p.expires_on is null or d.day <= p.expires_on) and ($4 is null or d.day <= $4) as will_be_live
  from people p join days d using (organisation_id)
)
select o.id as organisation, o.name, 0::bigint as freed,
  count(*) filter (where not is_active and will_be_live) as taken, count(*) as people
from judged j join organisations o on o.id = j.organisation_id
group by o.id, o.name
order by taken desc, o.name collate natural_order, o.id
