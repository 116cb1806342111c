-- Locks the enrolments of these people and counts them. $1 user ids
select count(*) as enrolments, count(completed_on) as completion_records
from (select completed_on from enrolments where user_id = any ($1) order by id for update) locked
