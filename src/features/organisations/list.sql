-- A page of the organisations within the scope, as a tree: depth first, names in natural order.
-- The whole tree is put in order; figures are read for the rows of the page only.
-- $1 scope (null: everything), $2 now, $3 part of a name (null: all), $4 rows a page, $5 offset,
-- $6 deepest level to list (null: all; 0: the tops of the scope)
with visible as materialized (
  select o.id, o.name, o.user_limit
  from organisations o
  where $1 is null or exists (
    select from organisation_closure s where s.descendant_id = o.id and s.ancestor_id = any ($1))
),
placed as (
  select v.id, v.name, v.user_limit, count(*) - 1 as level,
    array_agg(a.name order by c.depth desc) as path
  from visible v
  join organisation_closure c on c.descendant_id = v.id
  join visible a on a.id = c.ancestor_id
  group by v.id, v.name, v.user_limit
),
found as (
  select id, name, user_limit, level, path, count(*) over () as total
  from placed
  where ($3 is null or position(lower($3) in lower(name)) > 0)
    and ($6 is null or level <= $6)
  order by path collate natural_order, id
  limit $4 offset $5
)
select f.id, f.name, f.user_limit, f.level::integer as level, f.total,
  exists (
    select from organisation_closure c join organisations a on a.id = c.ancestor_id
    where c.descendant_id = f.id and a.user_limit is not null) as has_limit,
  root.id = f.id as is_root,
  array_to_string(f.path[:array_length(f.path, 1) - 1], ' > ') as above,
  (select coalesce(sum(l.used), 0)::bigint
   from license_used_in(f.id, ($2 at time zone root.time_zone)::date) l) as used
from found f
join organisation_closure up on up.descendant_id = f.id
join organisations root on root.id = up.ancestor_id and root.parent_id is null
order by f.path collate natural_order, f.id
