-- The days that it is in the trees of a scope; in UTC too for whoever sees the vendor's own people.
-- $1 scope (null: everything), $2 now
select distinct ($2 at time zone root.time_zone)::date as day
from organisations root
where root.parent_id is null and ($1 is null or exists (
  select from organisation_closure c where c.ancestor_id = root.id and c.descendant_id = any ($1)))
union
select ($2 at time zone 'UTC')::date where $1 is null
