-- A person's own enrolments: live ones first, then coming ones, then those that have ended.
-- $1 user id, $2 now
with today as (
  select ($2 at time zone coalesce(
    (select root.time_zone
     from users u
     join organisation_closure c on c.descendant_id = u.organisation_id
     join organisations root on root.id = c.ancestor_id and root.parent_id is null
     where u.id = $1),
    'UTC'))::date as today
)
select x.title, e.starts_on, e.expires_on, e.completed_on, e.result, today
from enrolments e
join experiences x on x.id = e.experience_id
cross join today
where e.user_id = $1
order by
  case when e.expires_on < today then 2 when e.starts_on > today then 1 else 0 end,
  e.expires_on nulls last, x.title collate natural_order, x.id
