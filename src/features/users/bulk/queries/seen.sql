-- $1 user ids, $2 what goes with them counts too
select count(*) as count,
  coalesce(sum(hashtextextended(concat_ws('|', u.id, u.expires_on, 'o', u.organisation_id,
    't', theirs.enrolments, theirs.completed, theirs.roles), 0)::numeric), 0)::text as sum
from unnest($1) given (id)
join users u using (id)
cross join lateral (
  select count(*) as enrolments, count(e.completed_on) as completed,
    (select count(*) from role_grants g where $2 and g.user_id = u.id) as roles
  from enrolments e where $2 and e.user_id = u.id
) theirs
