-- $1 audit entry of the deletion, $2 part of the name or username in lower case, $3 how many, $4 after how many, $5 now
select d.user_id, concat(d.account ->> 'first_name', ' ', d.account ->> 'last_name') as name,
  d.account ->> 'username' as username, count(*) over () as total
from deleted_users d
where d.entry_id = $1 and d.restorable_until > $5
  and ($2 = '' or position($2 in lower(concat(d.account ->> 'first_name', ' ', d.account ->> 'last_name', ' ',
    d.account ->> 'username'))) > 0)
order by 2, 1 limit $3 offset $4
