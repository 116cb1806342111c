-- Whether nobody but these could act as instance admin for good: whose account ends could not one day. $1 user ids
select not exists (
  select from role_grants g join users u on u.id = g.user_id
  where g.role = 'instance_admin' and g.user_id <> all ($1)
    and u.expires_on is null) as gone
