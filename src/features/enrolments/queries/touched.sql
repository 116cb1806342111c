-- $1 enrolment ids
select count(distinct e.user_id) as people, count(e.completed_on) as completed,
  common_organisation(array_agg(distinct u.organisation_id)) as organisation
from unnest($1) given (id) join enrolments e using (id) join users u on u.id = e.user_id
