-- One person's account, within a scope.
-- $1 user id, $2 scope (null: everything), $3 now, $4 to $6 whom the reader may manage
select u.id, u.organisation_id, u.username, u.email, u.first_name, u.last_name, u.language, u.time_zone,
  u.job_function, u.organisation_reference, u.expires_on, u.created_at, u.last_signed_in_at,
  path_in_scope(u.organisation_id, $2) as organisation,
  today_in(u.organisation_id, $3) as today,
  may_be_managed(u.id, $4, $5, $6) as manageable,
  u.password_hash is not null as has_password
from users u
where u.id = $1 and ($2 is null or exists (
  select from organisation_closure s where s.descendant_id = u.organisation_id and s.ancestor_id = any ($2)))
