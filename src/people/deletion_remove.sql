-- Takes away enrolments and roles of these people, whose accounts are locked, and keeps all of it: as documents, without any
-- of their data when they cannot be restored, and for the audit log. What somebody completes at this moment is waited for.
-- Generated columns are left out: they come back by themselves.
-- $1 user ids, $2 audit entry, $3 now, $4 until when they can be restored
with unenrolled as (
  delete from enrolments where user_id = any ($1) returning *
),
taken as (
  delete from role_grants where user_id = any ($1) returning *
),
kept as (
  insert into deleted_users (user_id, deleted_at, restorable_until, entry_id, organisation_id,
    account, enrolments, role_grants)
  select u.id, $3, $4, $2, u.organisation_id,
    case when $4 > $3 then to_jsonb(u) - '{username_key,email_key,name,search_text,signed_in_order}'::text[] else '{}' end,
    case when $4 > $3 then coalesce(enrolled.documents, '[]') else '[]' end,
    case when $4 > $3 then coalesce(held.documents, '[]') else '[]' end
  from users u
  left join (
    select user_id, jsonb_agg(to_jsonb(e) order by e.id) as documents from unenrolled e group by user_id
  ) enrolled on enrolled.user_id = u.id
  left join (
    select user_id, jsonb_agg(to_jsonb(g) order by g.id) as documents from taken g group by user_id
  ) held on held.user_id = u.id
  where u.id = any ($1)
),
logged as (
  insert into audit_changes (entry_id, subject_kind, subject_id, person_id, before)
  select $2, 'user', u.id, u.id, account_fields(u) from users u where u.id = any ($1)
  union all
  select $2, 'role', g.id, g.user_id, jsonb_build_object('role', g.role, 'organisation_id', g.organisation_id)
  from taken g
  union all
  select $2, 'enrolment', e.id, e.user_id, jsonb_build_object(
    'experience_id', e.experience_id, 'starts_on', e.starts_on, 'expires_on', e.expires_on, 'due_on', e.due_on,
    'completed_on', e.completed_on, 'result', e.result, 'score', e.score)
  from unenrolled e
)
select (select count(*) from unenrolled) as enrolments, (select count(completed_on) from unenrolled) as completion_records,
  (select count(*) from taken) as roles
