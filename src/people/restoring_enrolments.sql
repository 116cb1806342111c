-- The enrolments with their completion records, where there still is the learning experience; and that they are back.
-- $1 user ids, $2 the audit entry
with back as (
  insert into enrolments (id, user_id, experience_id, starts_on, expires_on, due_on, completed_on, result, score,
    last_accessed_at, created_at)
  select e.id, e.user_id, e.experience_id, e.starts_on, e.expires_on, e.due_on, e.completed_on, e.result, e.score,
    e.last_accessed_at, e.created_at
  from deleted_users d cross join jsonb_populate_recordset(null::enrolments, d.enrolments) e
  where d.user_id = any ($1) and exists (select from experiences x where x.id = e.experience_id)
  returning *
)
insert into audit_changes (entry_id, subject_kind, subject_id, person_id, after)
select $2, 'enrolment', id, user_id, jsonb_build_object(
  'experience_id', experience_id, 'starts_on', starts_on, 'expires_on', expires_on, 'due_on', due_on,
  'completed_on', completed_on, 'result', result, 'score', score)
from back
