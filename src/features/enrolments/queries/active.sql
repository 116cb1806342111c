-- How many of these people are active, by organisation. $1 user ids, $2 now
with people as materialized (
  select u.organisation_id, s.active from users u left join license_spans s on s.user_id = u.id where u.id = any ($1)
),
days as materialized (
  select organisation_id, today_in(organisation_id, $2) as day from (select distinct organisation_id from people) places
)
select o.id as organisation, o.name, count(*) as people,
  count(*) filter (where p.active @> d.day) as freed, 0::bigint as taken
from people p
join days d using (organisation_id)
join organisations o on o.id = p.organisation_id
group by o.id, o.name
order by o.name collate natural_order, o.id
