-- $1 enrolment ids, $2 the date, $3 the audit entry, $4 the result (null: stays)
with before as materialized (
  select id, completed_on, result from enrolments
  where id = any ($1) and (completed_on, result) is distinct from ($2, coalesce($4, result)) order by id for update
),
changed as (
  update enrolments e set completed_on = $2, result = coalesce($4, e.result) from before b where e.id = b.id
  returning e.id, e.user_id, e.experience_id, e.result, b.completed_on as was, b.result as result_was
),
logged as (
  insert into audit_changes (entry_id, subject_kind, subject_id, person_id, before, after)
  select $3, 'enrolment', id, user_id,
    jsonb_build_object('experience_id', experience_id, 'completed_on', was, 'result', result_was),
    jsonb_build_object('experience_id', experience_id, 'completed_on', $2, 'result', result)
  from changed
)
select count(*) as count from changed
