-- How usage will change on the days after. $1 roots, $2 until when each is checked, $3 how many days ahead is looked
select o.id as root_id, changes.day, changes.delta
from unnest($1, $2) as wanted (root_id, until)
join organisations o on o.id = wanted.root_id
cross join lateral (select (wanted.until at time zone o.time_zone)::date as today) day
cross join lateral license_changes(o.id, day.today, day.today + $3) changes
