-- $1 entry, $2 scope (null: everything), $3 who asks
select count(*) as count from audit_entries e
where e.id = $1 and ($2 is null or e.actor_id = $3 or exists (
  select from organisation_closure c where c.descendant_id = e.organisation_id and c.ancestor_id = any ($2)))
