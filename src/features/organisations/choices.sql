-- Organisations to choose from, as paths from the top of the scope: all of the scope when it is small,
-- else the chosen one with what is around it.
-- $1 scope (null: everything), $2 the chosen organisation (null: none), $3 how many are a small number
with visible as materialized (
  select o.id, o.name from organisations o
  where $1 is null or exists (
    select from organisation_closure s where s.descendant_id = o.id and s.ancestor_id = any ($1))
  limit $3 + 1
),
few as (select count(*) <= $3 as few from visible),
wanted as (
  select v.id from visible v, few where few.few
  union
  select c.ancestor_id from organisation_closure c, few where not few.few and c.descendant_id = $2
  union
  (select c.descendant_id from organisation_closure c, few where not few.few and c.ancestor_id = $2 and c.depth = 1 limit $3)
  union
  (select o.id from organisations o, few
   where not few.few and case when $1 is null then o.parent_id is null else o.id = any ($1) end limit $3)
),
placed as (
  select w.id, array_agg(a.name order by c.depth desc) as path
  from wanted w
  join organisation_closure c on c.descendant_id = w.id
  join organisations a on a.id = c.ancestor_id
  where $1 is null or exists (
    select from organisation_closure s where s.descendant_id = a.id and s.ancestor_id = any ($1))
  group by w.id
)
select id, array_to_string(path, ' > ') as path, (select few from few) as complete
from placed order by path collate natural_order, id
