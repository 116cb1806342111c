-- $1 user ids, $2 the date, $3 the audit entry
with changed as (
  update enrolments e set expires_on = $2 from enrolments b
  where e.user_id = any ($1) and b.id = e.id and (e.expires_on is null or e.expires_on > $2)
  returning e.id, e.user_id, e.experience_id, b.expires_on as was
),
logged as (
  insert into audit_changes (entry_id, subject_kind, subject_id, person_id, before, after)
  select $3, 'enrolment', id, user_id,
    jsonb_build_object('experience_id', experience_id, 'expires_on', was),
    jsonb_build_object('experience_id', experience_id, 'expires_on', $2)
  from changed
)
select count(*) as enrolments, count(distinct user_id) as people from changed
