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
),
-- whose limit those draw on that have none of their own: the nearest above
shared as materialized (
  select f.id as organisation_id, pool.id, pool.name, pool.user_limit
  from found f
  cross join lateral (
    select a.id, a.name, a.user_limit
    from organisation_closure c join organisations a on a.id = c.ancestor_id
    where c.descendant_id = f.id and a.user_limit is not null
    order by c.depth limit 1
  ) pool
  where f.user_limit is null
),
-- counted once, however many draw on it
pools as materialized (
  select distinct_pools.*, $1 is null or exists (
      select from organisation_closure s where s.descendant_id = distinct_pools.id and s.ancestor_id = any ($1)) as in_scope,
    (select coalesce(sum(l.used), 0)::bigint
     from license_used_in(distinct_pools.id, ($2 at time zone root.time_zone)::date) l) as used
  from (select distinct id, name, user_limit from shared) distinct_pools
  join organisation_closure up on up.descendant_id = distinct_pools.id
  join organisations root on root.id = up.ancestor_id and root.parent_id is null
)
select f.id, f.name, f.user_limit, f.level::integer as level, f.total,
  pools.user_limit as pool_limit, pools.used as pool_used, case when pools.in_scope then pools.name end as pool_name,
  root.id = f.id as is_root,
  array_to_string(f.path[:array_length(f.path, 1) - 1], ' > ') as above,
  (select coalesce(sum(l.used), 0)::bigint
   from license_used_in(f.id, ($2 at time zone root.time_zone)::date) l) as used
from found f
join organisation_closure up on up.descendant_id = f.id
join organisations root on root.id = up.ancestor_id and root.parent_id is null
left join shared on shared.organisation_id = f.id
left join pools on pools.id = shared.id
order by f.path collate natural_order, f.id
