-- Whose licenses a change for people of some organisations is about: the nearest organisation with a limit above all of
-- these that may be seen, or without a limit the one that they have in common.
-- $1 organisation ids, $2 now, $3 scope (null: everything)
select o.id, o.name, today_in(o.id, $2) as today,
  (select coalesce(sum(l.used), 0) from license_used_in(o.id, today_in(o.id, $2)) l)::bigint as used
from organisation_closure c
join organisations o on o.id = c.ancestor_id
where c.descendant_id = common_organisation($1)
  and ($3 is null or exists (
    select from organisation_closure s where s.descendant_id = o.id and s.ancestor_id = any ($3)))
order by o.user_limit is null, c.depth
limit 1
