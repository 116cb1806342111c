-- How usage will change on the coming 90 days. $1 roots, $2 now
select o.id as root_id, d.day, sum(d.delta)::bigint as delta
from organisations o
cross join lateral (select ($2 at time zone o.time_zone)::date as today) day
join organisation_closure c on c.ancestor_id = o.id
join license_delta d on d.organisation_id = c.descendant_id and d.day > day.today and d.day <= day.today + 90
where o.id = any ($1)
group by o.id, d.day
