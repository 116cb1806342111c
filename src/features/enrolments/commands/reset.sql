-- $1 enrolment ids, $2 the audit entry
with before as materialized (
  select id, completed_on, result, score, last_accessed_at from enrolments
  where id = any ($1) and (completed_on is not null or last_accessed_at is not null) order by id for update
),
changed as (
  update enrolments e set completed_on = null, result = null, score = null, last_accessed_at = null
  from before b where e.id = b.id
  returning e.id, e.user_id, e.experience_id, b.completed_on, b.result, b.score, b.last_accessed_at
),
logged as (
  insert into audit_changes (entry_id, subject_kind, subject_id, person_id, before, after)
  select $2, 'enrolment', id, user_id,
    jsonb_build_object('experience_id', experience_id, 'completed_on', completed_on, 'result', result, 'score', score,
      'last_accessed_at', last_accessed_at),
    jsonb_build_object('experience_id', experience_id, 'completed_on', null, 'result', null, 'score', null,
      'last_accessed_at', null)
  from changed
)
select count(*) as count from changed
