-- The roles, where there still is the organisation; and that they are back. $1 user ids, $2 the audit entry
with back as (
  insert into role_grants (id, user_id, role, organisation_id, granted_at)
  select g.id, g.user_id, g.role, g.organisation_id, g.granted_at
  from deleted_users d cross join jsonb_populate_recordset(null::role_grants, d.role_grants) g
  where d.user_id = any ($1)
    and (g.organisation_id is null or exists (select from organisations o where o.id = g.organisation_id))
  returning *
)
insert into audit_changes (entry_id, subject_kind, subject_id, person_id, after)
select $2, 'role', id, user_id, jsonb_build_object('role', role, 'organisation_id', organisation_id) from back
