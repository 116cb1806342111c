-- A person's own enrolments: live ones first, then coming ones, then those that have ended.
-- $1 user id, $2 now
with today as (select today_in(u.organisation_id, $2) as today from users u where u.id = $1)
select e.id, e.experience_id, x.title, e.starts_on, e.expires_on, e.due_on, e.completed_on, e.result,
  e.score::text as score, e.last_accessed_at, today
from enrolments e
join experiences x on x.id = e.experience_id
cross join today
where e.user_id = $1
order by
  case when e.expires_on < greatest(today, e.starts_on) then 2 when e.starts_on > today then 1 else 0 end,
  e.expires_on nulls last, x.title collate natural_order, x.id
