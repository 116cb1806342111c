-- $1 user ids, $2 learning experience, $3 starts on, $4 expires on, $5 due on, $6 the audit entry
with added as (
  insert into enrolments (user_id, experience_id, starts_on, expires_on, due_on)
  select id, $2, $3, $4, $5 from unnest($1) id order by id
  on conflict on constraint enrolments_once do nothing
  returning id, user_id
),
logged as (
  insert into audit_changes (entry_id, subject_kind, subject_id, person_id, after)
  select $6, 'enrolment', id, user_id,
    jsonb_build_object('experience_id', $2, 'starts_on', $3, 'expires_on', $4, 'due_on', $5)
  from added
)
select count(*) as count from added
