-- $1 ids of users or enrolments, $2 since when, $3 scope (null: everything)
select distinct c.subject_id as id
from audit_entries a join audit_changes c on c.entry_id = a.id
where a.at >= $2 and c.subject_id = any ($1) and c.subject_kind in ('user', 'enrolment') and c.after is null
  and not exists (select from users u where u.id = c.subject_id)
  and not exists (select from enrolments e where e.id = c.subject_id)
  and change_within(c, $3)
