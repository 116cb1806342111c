-- Without a password: whoever is new sets one by the link for a forgotten one. $1 import, $2 audit entry
with wanted as (
  select person_id, after from import_plan where import_id = $1 and kind = 'create'
),
created as (
  insert into users (id, organisation_id, username, email, first_name, last_name, expires_on)
  select person_id, (after ->> 'organisation_id')::uuid, after ->> 'username', after ->> 'email',
    after ->> 'first_name', after ->> 'last_name', (after ->> 'expires_on')::date
  from wanted
  returning id
),
logged as (
  insert into audit_changes (entry_id, subject_kind, subject_id, person_id, after)
  select $2, 'user', person_id, person_id, after - 'roles' from wanted
)
select count(*) from created
