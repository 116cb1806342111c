-- $1 user ids, $2 how many names
select name from users where id = any ($1) order by name, id limit $2
