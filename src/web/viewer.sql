-- The signed-in person with roles, time zone and the navigation setting, unless the account has expired.
-- $1 user id, $2 now
select u.id, u.first_name, u.last_name, u.organisation_id, home.name as organisation_name,
  coalesce(
    (select jsonb_agg(jsonb_build_object(
       'role', g.role, 'organisation_id', g.organisation_id, 'organisation_name', o.name))
     from role_grants g left join organisations o on o.id = g.organisation_id
     where g.user_id = u.id),
    '[]') as grants,
  (select admin_vertical_navigation_bar from instance_settings) as vertical_navigation,
  coalesce(root.time_zone, 'UTC') as time_zone
from users u
left join organisations home on home.id = u.organisation_id
left join (organisation_closure up join organisations root on root.id = up.ancestor_id and root.parent_id is null)
  on up.descendant_id = u.organisation_id
where u.id = $1
  and (u.expires_on is null or u.expires_on >= ($2 at time zone coalesce(root.time_zone, 'UTC'))::date)
