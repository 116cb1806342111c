-- As report.sql, of a closed day, from what was recorded at its end, with the limits of that day.
-- $1 to $6 as there, $7 today, $8 time zone
with children as materialized (
  select o.id, o.name, user_limit_on(o.id, $2, $7, $8) as user_limit, license_closing(o.id, $2)::bigint as used
  from organisations o
  where o.parent_id = $1
),
figures as materialized (
  select total, total - (select coalesce(sum(used), 0) from children)::bigint as directly
  from (select license_closing($1, $2)::bigint as total) own
),
