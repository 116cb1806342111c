-- An organisation within the scope, the day that is asked for, whether it is known, and whose limit it draws on then.
-- $1 organisation id, $2 now, $3 scope (null: everything), $4 the day (null: today)
select o.id, o.name, root.id = o.id as is_root, root.time_zone, due.today, due.on_day, d.begins_on, d.closed_until,
  case when due.is_now then o.user_limit
       else user_limit_on(o.id, due.on_day, due.today, root.time_zone) end as user_limit,
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
join license_days_closed d on d.root_id = root.id
cross join lateral (select ($2 at time zone root.time_zone)::date as today) clock
cross join lateral (
  -- of a day before the records begin, nothing is known, and the present is shown
  select clock.today,
    case when $4 < d.begins_on then clock.today else coalesce($4, clock.today) end as on_day,
    ($4 is null or $4 = clock.today or $4 < d.begins_on) as is_now
) due
left join lateral (
  select a.id, a.name, limits.user_limit
  from organisation_closure c join organisations a on a.id = c.ancestor_id
  cross join lateral (
    select case when due.is_now then a.user_limit
                else user_limit_on(a.id, due.on_day, due.today, root.time_zone) end as user_limit
  ) limits
  where c.descendant_id = o.id and limits.user_limit is not null
  order by c.depth limit 1
) pool on true
where o.id = $1
  and ($3 is null or exists (
    select from organisation_closure s where s.descendant_id = o.id and s.ancestor_id = any ($3)))
