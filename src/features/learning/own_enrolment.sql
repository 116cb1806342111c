-- $1 user id, $2 learning experience, $3 now
select e.id, e.experience_id, x.title, e.starts_on, e.expires_on, e.due_on, e.completed_on, e.result,
  e.score::text as score, e.last_accessed_at, today_in(u.organisation_id, $3) as today,
  x.description, x.archived_at is not null as archived
from enrolments e
join users u on u.id = e.user_id
join experiences x on x.id = e.experience_id
where e.user_id = $1 and e.experience_id = $2
