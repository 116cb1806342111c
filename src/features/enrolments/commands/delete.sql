-- $1 enrolment ids, $2 the audit entry
with chosen as materialized (
  select id from enrolments where id = any ($1) order by id for update
),
gone as (
  delete from enrolments e using chosen c where e.id = c.id
  returning e.*
),
logged as (
  insert into audit_changes (entry_id, subject_kind, subject_id, person_id, before)
  select $2, 'enrolment', id, user_id, jsonb_build_object(
    'experience_id', experience_id, 'starts_on', starts_on, 'expires_on', expires_on, 'due_on', due_on,
    'completed_on', completed_on, 'result', result, 'score', score)
  from gone
)
select count(*) as count from gone
