-- Those of these users whom a person may not change. $1 user ids, $2 the person, $3 to $5 whom the person may manage
select u.id, u.name, u.id = $2 as own
from unnest($1) given (id) join users u using (id)
where u.id = $2 or (u.id in (select user_id from role_grants) and not may_be_managed(u.id, $3, $4, $5))
order by own desc, u.name, u.id
