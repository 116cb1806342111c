-- The people are locked, so nobody else changes an expiry date meanwhile, and what it was is what it is now.
-- $1 enrolment ids, $2 the date (null: none), $3 the audit entry
with changed as (
  update enrolments e set expires_on = $2 from enrolments b
  where e.id = any ($1) and b.id = e.id and e.expires_on is distinct from $2
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
