-- Whom a plan is about, with the org admins who would be left. $1 import
select person_id as id from import_plan where import_id = $1 and kind in ('change', 'delete')
union
select other.user_id
from import_plan p
join role_grants g on g.user_id = p.person_id and g.role = 'org_admin'
join role_grants other on other.organisation_id = g.organisation_id and other.role = 'org_admin'
where p.import_id = $1 and p.kind = 'delete'
