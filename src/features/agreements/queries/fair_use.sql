-- $1 a root, $2 and $3 the first and the last day of a license year, $4 today, $5 the limit of the year's terms
select license_holders_in(o.id, $2, least($3, $4)) as holders,
  greatest(
    case when $4 <= $3 then coalesce(o.user_limit, $5) else 0 end,
    (select max(c.user_limit) from user_limit_changes c
     where c.organisation_id = o.id
       and c.changed_at >= license_day_ends($2 - 1, o.time_zone) and c.changed_at < license_day_ends($3, o.time_zone)),
    -- in force when the year began
    (select c.user_limit from user_limit_changes c
     where c.organisation_id = o.id and c.changed_at < license_day_ends($2 - 1, o.time_zone)
     order by c.changed_at desc, c.id desc limit 1),
    0) as highest_limit
from organisations o
where o.id = $1
