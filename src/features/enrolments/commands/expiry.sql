-- $1 enrolment ids, $2 the date (null: none), $3 the audit entry
with before as materialized (
  select id, expires_on from enrolments where id = any ($1) and expires_on is distinct from $2 order by id for update
),
changed as (
  update enrolments e set expires_on = $2 from before b where e.id = b.id
  returning e.id, e.user_id, e.experience_id, b.expires_on as was
),
logged as (
  insert into audit_changes (entry_id, subject_kind, subject_id, person_id, before, after)
  select $3, 'enrolment', id, user_id,
    jsonb_build_object('experience_id', experience_id, 'expires_on', was),
    jsonb_build_object('experience_id', experience_id, 'expires_on', $2)
  from changed
)
select count(*) as count from changed
