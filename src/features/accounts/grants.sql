-- The roles that a person holds, and whether the reader could grant, and so take, each.
-- $1 user id, $2 scope (null: everything), $3 to $5 what the reader may grant
select g.id, g.role, path_in_scope(g.organisation_id, $2) as organisation, g.granted_at,
  $3 or (g.role = any ($4) and exists (
    select from organisation_closure c
    where c.descendant_id = g.organisation_id and c.ancestor_id = any ($5))) as takeable
from role_grants g
where g.user_id = $1
order by array_position('{instance_admin,account_manager,org_admin,user_manager}'::text[], g.role),
  path_in_scope(g.organisation_id, $2) collate natural_order, g.id
