-- The enrolments that an entry gave another expiry date to, and whether all of them are within the scope.
-- $1 the entry, $2 scope (null: everything)
select c.subject_id as id, $2 is null or exists (
  select from users u join organisation_closure s on s.descendant_id = u.organisation_id
  where u.id = e.user_id and s.ancestor_id = any ($2)) as within
from audit_entries a
join audit_changes c on c.entry_id = a.id and c.subject_kind = 'enrolment'
join enrolments e on e.id = c.subject_id
where a.id = $1 and a.action = 'enrolment.expiry_set'
order by e.user_id, e.id
