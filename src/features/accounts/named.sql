-- The organisations of a scope that are called by a path: as far as the scope shows it, or from the root.
-- $1 scope (null: everything), $2 last name of the path, $3 the path (null: the name is enough)
select o.id, path_in_scope(o.id, $1) as path, o.parent_id is null as root
from organisations o
where lower(o.name) = lower($2)
  and ($1 is null or exists (
    select from organisation_closure s where s.descendant_id = o.id and s.ancestor_id = any ($1)))
  and ($3 is null or lower($3) in (lower(path_in_scope(o.id, $1)), lower(path_in_scope(o.id, null))))
order by o.id
limit 2
