-- The closing figures of the days from that of the last check to yesterday. $1 roots, $2 now
select c.root_id, days.ended::date as day, stored.closing::bigint as closing
from license_checks c
join organisations o on o.id = c.root_id
cross join lateral generate_series(
  (c.checked_until at time zone o.time_zone)::date, ($2 at time zone o.time_zone)::date - 1, interval '1 day') days (ended)
cross join lateral (
  select d.closing from license_days d
  where d.organisation_id = c.root_id and d.day <= days.ended::date order by d.day desc limit 1
) stored
where c.root_id = any ($1)
