-- The people are locked, so nobody else changes an expiry date meanwhile, and what it was is what was read since: to read
-- it again beside the update would take as long as the update. What is logged is made once for each experience and date.
-- $1 enrolment ids, $2 whose they are, $3 what they are on, $4 their expiry dates, $5 the date (null: none),
-- $6 the audit entry
with given as materialized (
  select id, person_id, experience_id, coalesce(was, 'infinity') as until
  from unnest($1, $2, $3, $4) given (id, person_id, experience_id, was)
  where was is distinct from $5
),
documents as materialized (
  select experience_id, until,
    jsonb_build_object('experience_id', experience_id, 'expires_on', nullif(until, 'infinity')) as before,
    jsonb_build_object('experience_id', experience_id, 'expires_on', $5) as after
  from (select distinct experience_id, until from given) kinds
),
logged as (
  insert into audit_changes (entry_id, subject_kind, subject_id, person_id, before, after)
  select $6, 'enrolment', id, person_id, before, after from given join documents using (experience_id, until)
  order by person_id, id -- the indexes are faster so
),
changed as (
  update enrolments set expires_on = $5
  where id = any ($1) and expires_on is distinct from $5
  returning 1
)
select count(*) as count from changed
