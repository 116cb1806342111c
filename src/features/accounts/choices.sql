-- Organisations of a scope with their paths. $1 scope (null: everything), $2 part of the name (null: all), $3 how many
select o.id, path_in_scope(o.id, $1) as path, o.parent_id is null as root
from organisations o
where ($1 is null or exists (
    select from organisation_closure s where s.descendant_id = o.id and s.ancestor_id = any ($1)))
  and ($2 is null or position(lower($2) in lower(o.name)) > 0)
order by path_in_scope(o.id, $1) collate natural_order, o.id
limit $3
