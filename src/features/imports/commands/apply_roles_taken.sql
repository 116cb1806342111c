-- Roles on the home organisation that the file does not name; whoever is moved leaves those on the former one
-- behind. $1 import, $2 audit entry
with taken as (
  delete from role_grants g
  using import_plan p, users u
  where p.import_id = $1 and p.kind = 'change' and p.after ? 'roles' and u.id = p.person_id and g.user_id = u.id
    and (
      (g.organisation_id = u.organisation_id
        and not g.role = any (string_to_array(coalesce(p.after ->> 'roles', ''), ';')))
      or g.organisation_id = (p.before ->> 'organisation_id')::uuid
    )
  returning g.id, g.user_id, g.role, g.organisation_id
),
logged as (
  insert into audit_changes (entry_id, subject_kind, subject_id, person_id, before)
  select $2, 'role', id, user_id, jsonb_build_object('role', role, 'organisation_id', organisation_id) from taken
)
select count(*) from taken
