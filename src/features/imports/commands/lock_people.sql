-- In the order of their ids, like every other change of people; with the org admins who would be left. $1 import
select u.id from users u
where u.id in (
  select person_id from import_plan where import_id = $1 and kind in ('change', 'delete')
  union all
  select other.user_id
  from import_plan p
  join role_grants g on g.user_id = p.person_id and g.role = 'org_admin'
  join role_grants other on other.organisation_id = g.organisation_id and other.role = 'org_admin'
  where p.import_id = $1 and p.kind = 'delete')
order by u.id for update
