-- $1 the ids of enrolments
select count(*) as count,
  coalesce(sum(hashtextextended(
    concat_ws('|', e.id, e.starts_on, 'e', e.expires_on, 'd', e.due_on, 'c', e.completed_on, e.result), 0)::numeric), 0)::text as sum
from enrolments e where e.id in ($1)
