-- $1 a root, $2 and $3 the first and the last day of a license year, $4 today, $5 the limit of the year's terms
select license_holders_in(o.id, $2, least($3, $4)) as holders,
  greatest(
    case when $4 <= $3 then coalesce(o.user_limit, $5) else 0 end,
    license_highest_limit(o.id, $2, $3), 0) as highest_limit
from organisations o
where o.id = $1
