-- Account managers and org admins of roots, who can sign in. $1 roots, $2 now
select g.organisation_id as root_id, u.email, u.first_name, u.language, coalesce(u.time_zone, root.time_zone) as time_zone,
  bool_or(g.role = 'org_admin') as frees_licenses
from role_grants g
join users u on u.id = g.user_id
join organisations root on root.id = g.organisation_id
where g.organisation_id = any ($1) and g.role in ('account_manager', 'org_admin')
  and (u.expires_on is null or u.expires_on >= today_in(u.organisation_id, $2))
group by g.organisation_id, root.time_zone, u.id
order by g.organisation_id, u.id
