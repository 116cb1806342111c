-- The closing figures of the days after that of the last check, as far as they are not like that of the day before. $1 roots
select c.root_id, d.day, d.closing::bigint as closing
from license_checks c
join organisations o on o.id = c.root_id
join license_days d on d.organisation_id = c.root_id and d.day > (c.checked_until at time zone o.time_zone)::date
where c.root_id = any ($1)
