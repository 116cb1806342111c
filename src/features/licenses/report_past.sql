-- As report.sql, of a closed day, from what was recorded at its end, with the limits of that day.
-- $1 organisation id, $2 day, $3 sort column, $4 descending, $5 rows a page (null: all), $6 offset, $7 today, $8 time zone
with children as materialized (
  select o.id, o.name, user_limit_on(o.id, $2, $7, $8) as user_limit, license_closing(o.id, $2)::bigint as used
  from organisations o
  where o.parent_id = $1
),
own as materialized (
  select license_closing($1, $2)::bigint as used
),
sorted as (
  -- the sort key of the other columns; the name is the key of its own column, and breaks ties
  select id, name, user_limit, used,
    case $3
      when 'limit' then user_limit::numeric
      when 'used' then used::numeric
      when 'remaining' then (user_limit - used)::numeric
      when 'percentage' then
        case when user_limit = 0 and used > 0 then 'infinity'::numeric
             when user_limit = 0 then 0
             else used::numeric / user_limit end
    end as key
  from children
),
placed as (
  select id, name, user_limit, used, row_number() over (
    order by
      case when not $4 then key end asc nulls last,
      case when $4 then key end desc nulls last,
      case when $4 and $3 = 'name' then name end collate natural_order desc nulls last,
      name collate natural_order,
      id
  ) as place
  from sorted
)
select 0 as part, 0::bigint as place, null::uuid as id, '' as name, null::integer as user_limit,
  (select used from own) as used, (select count(*) from children) as children
union all
select 1, 0, null, '', null, (select used from own) - (select coalesce(sum(used), 0) from children)::bigint, 0
union all
select 2, place, id, name, user_limit, used, 0 from placed
where $5 is null or (place > $6 and place <= $6 + $5)
union all
select 3, row_number() over (order by used - user_limit desc, name), id, name, user_limit, used, count(*) over ()
from children where used > user_limit
order by part, place
