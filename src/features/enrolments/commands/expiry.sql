-- The people are locked, so nobody else changes an expiry date meanwhile, and what it was is what was read since: to read
-- it again beside the update would take as long as the update.
-- $1 enrolment ids, $2 whose they are, $3 what they are on, $4 their expiry dates, $5 the date (null: none),
-- $6 the audit entry
with logged as (
  insert into audit_changes (entry_id, subject_kind, subject_id, person_id, before, after)
  select $6, 'enrolment', id, person_id,
    jsonb_build_object('experience_id', experience_id, 'expires_on', was),
    jsonb_build_object('experience_id', experience_id, 'expires_on', $5)
  from unnest($1, $2, $3, $4) given (id, person_id, experience_id, was)
  where was is distinct from $5
),
changed as (
  update enrolments set expires_on = $5
  where id = any ($1) and expires_on is distinct from $5
  returning 1
)
select count(*) as count from changed
