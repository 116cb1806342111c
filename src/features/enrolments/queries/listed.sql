-- The rows of a page. $1 enrolment ids, in order, $2 the day
select e.id, e.user_id, u.name, u.username, o.name as organisation, e.starts_on, e.expires_on, e.due_on,
  e.completed_on, e.result, e.last_accessed_at, coalesce(u.expires_on < $2, false) as account_expired,
  (select count(*) from enrolments other
   where other.user_id = e.user_id and other.id <> e.id
     and other.starts_on <= $2 and (other.expires_on is null or $2 <= other.expires_on)) as other_live
from unnest($1) with ordinality given (id, place)
join enrolments e on e.id = given.id
join users u on u.id = e.user_id
left join organisations o on o.id = u.organisation_id
order by given.place
