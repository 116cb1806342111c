-- Usernames may swap: uniqueness is checked at the end of the statement. Links to set a password go to the
-- former address, so they end. $1 import, $2 audit entry
with wanted as (
  select person_id, before, after from import_plan
  where import_id = $1 and kind = 'change' and after - 'roles' <> '{}'
),
changed as (
  update users u
  set username = coalesce(w.after ->> 'username', u.username),
      email = coalesce(w.after ->> 'email', u.email),
      first_name = coalesce(w.after ->> 'first_name', u.first_name),
      last_name = coalesce(w.after ->> 'last_name', u.last_name),
      organisation_id = coalesce((w.after ->> 'organisation_id')::uuid, u.organisation_id),
      expires_on = case when w.after ? 'expires_on' then (w.after ->> 'expires_on')::date else u.expires_on end
  from wanted w where u.id = w.person_id
  returning u.id
),
unlinked as (
  delete from password_links where user_id in (select person_id from wanted where after ? 'email')
),
logged as (
  insert into audit_changes (entry_id, subject_kind, subject_id, person_id, before, after)
  select $2, 'user', person_id, person_id, before - 'roles', after - 'roles' from wanted
)
select count(*) from changed
