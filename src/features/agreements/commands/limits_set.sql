-- $1 roots, $2 the limit of each
update organisations o set user_limit = wanted.user_limit
from unnest($1, $2) as wanted (id, user_limit)
where o.id = wanted.id and o.user_limit is distinct from wanted.user_limit
returning o.id
