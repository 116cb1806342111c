-- What goes with these people, for the audit log. $1 user ids, $2 the audit entry
insert into audit_changes (entry_id, subject_kind, subject_id, person_id, before)
select $2, 'user', u.id, u.id, account_fields(u) from users u where u.id = any ($1)
union all
select $2, 'role', g.id, g.user_id, jsonb_build_object('role', g.role, 'organisation_id', g.organisation_id)
from role_grants g where g.user_id = any ($1)
union all
select $2, 'enrolment', e.id, e.user_id, jsonb_build_object(
  'experience_id', e.experience_id, 'starts_on', e.starts_on, 'expires_on', e.expires_on, 'due_on', e.due_on,
  'completed_on', e.completed_on, 'result', e.result, 'score', e.score)
from enrolments e where e.user_id = any ($1)
