-- $1 an organisation, $2 now, $3 rows a page, $4 offset
with listed as (
  select id, name, user_limit from organisations where parent_id = $1
  order by name collate natural_order, id limit $3 offset $4
)
select c.id, c.name, c.user_limit,
  (select coalesce(sum(l.used), 0)::bigint from license_used_in(c.id, today_in($1, $2)) l) as used
from listed c
order by c.name collate natural_order, c.id
