-- $1 user ids, $2 the accounts' last day afterwards (null: none), $3 now
select count(*) as count
from unnest($1) given (id) join users u using (id)
where u.expires_on >= today_in(u.organisation_id, $3) and ($2 is null or u.expires_on < $2)
