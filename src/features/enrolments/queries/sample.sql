-- $1 enrolment ids, $2 how many names
select name from (
  select distinct u.name, u.id from unnest($1) given (id) join enrolments e using (id) join users u on u.id = e.user_id
) people
order by name, id limit $2
