-- Whether nobody but these could act as instance admin. $1 user ids, $2 now
select not exists (
  select from role_grants g join users u on u.id = g.user_id
  where g.role = 'instance_admin' and g.user_id <> all ($1)
    and (u.expires_on is null or u.expires_on >= today_in(u.organisation_id, $2))) as gone
