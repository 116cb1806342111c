-- An organisation within the scope, its day, and whose limit it draws on.
-- $1 organisation id, $2 now, $3 scope (null: everything)
select o.id, o.name, o.user_limit, root.id = o.id as is_root, root.time_zone, ($2 at time zone root.time_zone)::date as today,
  pool.id as pool_id, pool.name as pool_name, pool.user_limit as pool_limit,
  ($3 is null or exists (
    select from organisation_closure s where s.descendant_id = pool.id and s.ancestor_id = any ($3)
  )) as pool_in_scope,
  coalesce(
    (select jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name) order by c.depth desc)
     from organisation_closure c join organisations a on a.id = c.ancestor_id
     where c.descendant_id = o.id and c.depth > 0
       and ($3 is null or exists (
         select from organisation_closure s where s.descendant_id = a.id and s.ancestor_id = any ($3)))),
    '[]') as ancestors
from organisations o
join organisation_closure up on up.descendant_id = o.id
join organisations root on root.id = up.ancestor_id and root.parent_id is null
left join lateral (
  select a.id, a.name, a.user_limit
  from organisation_closure c join organisations a on a.id = c.ancestor_id
  where c.descendant_id = o.id and a.user_limit is not null
  order by c.depth limit 1
) pool on true
where o.id = $1
  and ($3 is null or exists (
    select from organisation_closure s where s.descendant_id = o.id and s.ancestor_id = any ($3)))
