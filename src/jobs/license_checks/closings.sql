-- The closing figures of the days from that of the last check to the last one that is over. $1 roots, $2 until when each is
-- checked: the last moment of a day is its end
select c.root_id, days.ended::date as day, stored.closing::bigint as closing
from unnest($1, $2) as wanted (root_id, until)
join license_checks c on c.root_id = wanted.root_id
join organisations o on o.id = c.root_id
cross join lateral generate_series(
  (c.checked_until at time zone o.time_zone)::date,
  ((wanted.until + interval '1 microsecond') at time zone o.time_zone)::date - 1, interval '1 day') days (ended)
cross join lateral (
  select d.closing from license_days d
  where d.organisation_id = c.root_id and d.day <= days.ended::date order by d.day desc limit 1
) stored
