-- $1 entry, $2 scope (null: everything), $3 after which thing, $4 how many
select c.subject_kind, c.subject_id, c.person_id, c.before, c.after
from audit_changes c join audit_entries e on e.id = c.entry_id
where e.id = $1 and (
  exists (select from organisation_closure s where s.descendant_id = e.organisation_id and s.ancestor_id = any ($2))
  or change_within(c, $2))
  and c.subject_id > $3
order by c.subject_id limit $4
