-- $1 the users who match, $2 the day in UTC
declare users_export no scroll cursor for
select u.id, u.username, u.email, u.first_name, u.last_name, u.organisation_id, r.roles, u.expires_on,
  s.active @> $2 - 1 as active_before, s.active @> $2 as active, s.active @> $2 + 1 as active_after, u.created_at
from ($1) u
left join license_spans s on s.user_id = u.id
left join (
  select user_id, organisation_id, string_agg(role, ';' order by role) as roles
  from role_grants where organisation_id is not null
  group by user_id, organisation_id) r on r.user_id = u.id and r.organisation_id = u.organisation_id
order by u.id
