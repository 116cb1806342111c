-- The people are locked, so nobody else changes an expiry date meanwhile, and what it was is what it is now. Reading
-- that beside the update instead of joining the two lets both go by the ids: a join would read the whole table.
-- $1 enrolment ids, $2 the date (null: none), $3 the audit entry
with logged as (
  insert into audit_changes (entry_id, subject_kind, subject_id, person_id, before, after)
  select $3, 'enrolment', id, user_id,
    jsonb_build_object('experience_id', experience_id, 'expires_on', expires_on),
    jsonb_build_object('experience_id', experience_id, 'expires_on', $2)
  from enrolments
  where id = any ($1) and expires_on is distinct from $2
),
changed as (
  update enrolments set expires_on = $2
  where id = any ($1) and expires_on is distinct from $2
  returning 1
)
select count(*) as count from changed
