-- $1 a root, $2 now, $3 the scope
select o.id, o.name, o.time_zone, today.day as today, o.user_limit,
  (select coalesce(sum(used), 0)::bigint from license_used_in(o.id, today.day)) as used
from organisations o, lateral (select ($2 at time zone o.time_zone)::date as day) today
where o.id = $1 and o.parent_id is null and ($3 is null or o.id = any ($3))
