-- $1 enrolment ids
select u.organisation_id as organisation, count(distinct e.user_id) as people, count(e.completed_on) as completed
from enrolments e join users u on u.id = e.user_id
where e.id = any ($1)
group by u.organisation_id
