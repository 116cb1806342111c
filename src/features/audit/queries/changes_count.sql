-- $1 entry, $2 scope (null: everything)
select count(*) as count
from audit_changes c join audit_entries e on e.id = c.entry_id
where e.id = $1 and (
  exists (select from organisation_closure s where s.descendant_id = e.organisation_id and s.ancestor_id = any ($2))
  or change_within(c, $2))
