-- The roles, where there still is the organisation. $1 user ids
insert into role_grants (id, user_id, role, organisation_id, granted_at)
select g.id, g.user_id, g.role, g.organisation_id, g.granted_at
from deleted_users d cross join jsonb_populate_recordset(null::role_grants, d.role_grants) g
where d.user_id = any ($1)
  and (g.organisation_id is null or exists (select from organisations o where o.id = g.organisation_id))
