-- How usage will change on the coming 90 days. $1 roots, $2 now
select o.id as root_id, changes.day, changes.delta
from organisations o
cross join lateral (select ($2 at time zone o.time_zone)::date as today) day
cross join lateral license_changes(o.id, day.today, day.today + 90) changes
where o.id = any ($1)
