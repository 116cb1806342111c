-- Keeps deleted people as documents; none of their data when they cannot be restored. Generated
-- columns are left out: they come back by themselves.
-- $1 user ids, $2 audit entry, $3 now, $4 until when they can be restored
insert into deleted_users (user_id, deleted_at, restorable_until, entry_id, organisation_id,
  account, enrolments, role_grants)
select u.id, $3, $4, $2, u.organisation_id, kept.*
from users u
cross join lateral (
  select
    to_jsonb(u) - '{username_key,email_key,name,search_text,signed_in_order}'::text[],
    (select coalesce(jsonb_agg(to_jsonb(e) order by e.id), '[]') from enrolments e where e.user_id = u.id),
    (select coalesce(jsonb_agg(to_jsonb(g) order by g.id), '[]') from role_grants g where g.user_id = u.id)
  where $4 > $3
  union all
  select '{}', '[]', '[]' where $4 <= $3
) kept
where u.id = any ($1)
