-- A user manager in each organisation, and an org admin in every tenth.
insert into role_grants (user_id, role, organisation_id)
select distinct on (u.organisation_id) u.id, 'user_manager', u.organisation_id from users u
union all
select u.id, 'org_admin', u.organisation_id
from (select distinct on (organisation_id) * from users order by organisation_id, id desc) u
where hashed(hashtext(u.organisation_id::text), 6) < 0.1
