-- The signed-in person with roles, time zone and the navigation setting, unless the account has expired.
-- Of the open overages that the roles show, the three most urgent come with figures; null when there is none.
-- $1 user id, $2 now, $3 roles that see notices
select u.id, u.first_name, u.last_name, u.organisation_id, home.name as organisation_name,
  coalesce(
    (select jsonb_agg(jsonb_build_object(
       'role', g.role, 'organisation_id', g.organisation_id, 'organisation_name', o.name))
     from role_grants g left join organisations o on o.id = g.organisation_id
     where g.user_id = u.id),
    '[]') as grants,
  (select admin_vertical_navigation_bar from instance_settings) as vertical_navigation,
  coalesce(root.time_zone, 'UTC') as time_zone,
  (with open as materialized (
     select o.organisation_id, o.stage, o.notice_on, o.major_due_at
     from role_grants g join overages o on o.organisation_id = g.organisation_id and o.closed_at is null
     where g.user_id = $1 and g.role = any ($3)
     union
     select o.organisation_id, o.stage, o.notice_on, o.major_due_at
     from overages o
     where o.closed_at is null and exists (
       select from role_grants g where g.user_id = $1 and g.role = any ($3) and g.organisation_id is null)
   ),
   urgent as materialized (
     select o.*, row_number() over (
       order by array_position('{major,overdue,minor,no_higher_tier}', o.stage), o.major_due_at, o.notice_on, o.organisation_id) as place
     from open o order by place limit 3
   )
   select jsonb_build_object(
     'count', (select count(*) from open),
     'holidays', (select coalesce(jsonb_agg(day), '[]') from holidays where day > (select min(notice_on) from urgent)),
     'shown', (
       select jsonb_agg(jsonb_build_object(
         'id', r.id, 'name', r.name, 'time_zone', r.time_zone, 'stage', o.stage, 'notice_on', o.notice_on,
         'major_due_at', o.major_due_at,
         'used', (select coalesce(sum(l.used), 0) from license_used_in(r.id, day.today) l),
         'allowed', r.user_limit + coalesce((
           select a.extra_users from agreements a
           where a.organisation_id = r.id and day.today between a.starts_on and a.ends_on and a.in_force_since is not null
             and day.today between a.extra_users_from and a.extra_users_until), 0)) order by o.place)
       from urgent o join organisations r on r.id = o.organisation_id
       cross join lateral (select ($2 at time zone r.time_zone)::date as today) day))
   where exists (select from open)) as overages
from users u
left join organisations home on home.id = u.organisation_id
left join (organisation_closure up join organisations root on root.id = up.ancestor_id and root.parent_id is null)
  on up.descendant_id = u.organisation_id
where u.id = $1
  and (u.expires_on is null or u.expires_on >= ($2 at time zone coalesce(root.time_zone, 'UTC'))::date)
