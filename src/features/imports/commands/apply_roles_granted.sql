-- $1 import, $2 audit entry
with granted as (
  insert into role_grants (user_id, role, organisation_id)
  select u.id, role, u.organisation_id
  from import_plan p join users u on u.id = p.person_id
  cross join lateral unnest(string_to_array(p.after ->> 'roles', ';')) role
  where p.import_id = $1 and p.kind in ('create', 'change') and p.after ->> 'roles' <> ''
  on conflict (user_id, role, organisation_id) where organisation_id is not null do nothing
  returning id, user_id, role, organisation_id
),
logged as (
  insert into audit_changes (entry_id, subject_kind, subject_id, person_id, after)
  select $2, 'role', id, user_id, jsonb_build_object('role', role, 'organisation_id', organisation_id) from granted
)
select count(*) from granted
