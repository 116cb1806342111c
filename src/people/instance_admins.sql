-- Whether nobody but these could act as instance admin: now, or one day, where it was one of these who could for good.
-- $1 user ids, $2 now
with admins as (
  select u.id = any ($1) as is_given, u.expires_on is null as stays,
    u.expires_on is null or u.expires_on >= today_in(u.organisation_id, $2) as acts
  from role_grants g join users u on u.id = g.user_id
  where g.role = 'instance_admin'
)
select not exists (select from admins where not is_given and acts)
  or exists (select from admins where is_given and stays) and not exists (select from admins where not is_given and stays)
  as gone
