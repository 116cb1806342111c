-- Who signed in and opened what, when; some due dates. The same at every first start.
-- $1 now
with signed_in as (
  update users u set last_signed_in_at = $1 - (abs(hashtext(u.username)) % 9000) * interval '1 hour'
  where abs(hashtext(u.username || 'seen')) % 5 > 0 and u.email like '%acme.example'
)
update enrolments e set
  last_accessed_at = case when e.completed_on is not null or abs(hashtext(u.username || x.code)) % 3 > 0
    then least($1, greatest(e.starts_on, least(e.completed_on, e.expires_on), e.starts_on + abs(hashtext(u.username)) % 60)) end,
  due_on = case when abs(hashtext(x.code)) % 2 = 0 then least(e.expires_on, e.starts_on + 90) end
from users u, experiences x
where u.id = e.user_id and x.id = e.experience_id and e.starts_on < ($1)::date
