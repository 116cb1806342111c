-- How usage will change on the 90 days after. $1 roots, $2 until when each is checked
select o.id as root_id, d.day, sum(d.delta)::bigint as delta
from unnest($1, $2) as wanted (root_id, until)
join organisations o on o.id = wanted.root_id
cross join lateral (select (wanted.until at time zone o.time_zone)::date as today) day
join organisation_closure c on c.ancestor_id = o.id
join license_delta d on d.organisation_id = c.descendant_id and d.day > day.today and d.day <= day.today + 90
group by o.id, d.day
