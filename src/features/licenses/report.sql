-- The figures of an organisation's report today or on a coming day; report_rows.sql makes rows of them.
-- $1 organisation id, $2 day, $3 sort column, $4 descending, $5 rows a page (null: all), $6 offset
with own as materialized (
  select organisation_id, used from license_used_in($1, $2)
),
members as materialized (
  -- first of all, and by itself: from the children down is the cheap direction
  select o.id, o.name, o.user_limit, c.descendant_id
  from organisations o
  join organisation_closure c on c.ancestor_id = o.id
  where o.parent_id = $1
),
children as materialized (
  select m.id, m.name, m.user_limit, sum(own.used)::bigint as used
  from members m
  join own on own.organisation_id = m.descendant_id
  group by m.id, m.name, m.user_limit
),
figures as (
  select coalesce(sum(used), 0)::bigint as total,
    coalesce(sum(used) filter (where organisation_id = $1), 0)::bigint as directly
  from own
),
