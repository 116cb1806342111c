-- Each organisation in a scope: its path of names from the root, and how many days it is ahead of UTC.
-- $1 scope (null: everything), $2 the top of those that are asked for (null: all), $3 now
select c.descendant_id as id, string_agg(a.name, ' > ' order by c.depth desc) as path,
  ($3 at time zone max(a.time_zone))::date - ($3 at time zone 'UTC')::date as days_ahead
from organisation_closure c join organisations a on a.id = c.ancestor_id
where ($1 is null
    or c.descendant_id in (select s.descendant_id from organisation_closure s where s.ancestor_id = any ($1)))
  and ($2 is null
    or c.descendant_id in (select s.descendant_id from organisation_closure s where s.ancestor_id = $2))
group by c.descendant_id
