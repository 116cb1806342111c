-- How many users were active at the end of a day. $1 roots, $2 its last moment
select wanted.root_id, license_closing(o.id, (wanted.until at time zone o.time_zone)::date)::bigint as closing
from unnest($1, $2) as wanted (root_id, until)
join organisations o on o.id = wanted.root_id
