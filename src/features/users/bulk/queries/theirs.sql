-- $1 user ids
with given as materialized (select id from unnest($1) id)
select enrolments, completed, (select count(*) from given g join role_grants r on r.user_id = g.id) as roles
from (
  select count(*) as enrolments, count(e.completed_on) as completed
  from given g join enrolments e on e.user_id = g.id
) enrolled
