-- How many of these people are active, for people who have been counted before. $1 user ids, $2 now
with days as materialized (
  select id as organisation_id, today_in(id, $2) as day from organisations
)
select organisation_id as organisation, count(*) filter (where s.active @> d.day) as active
from license_spans s join days d using (organisation_id)
where s.user_id = any ($1)
group by organisation_id
