-- The end of report.sql and of report_past.sql, where the parameters are told. The rows of an organisation's report: itself
-- with its whole subtree (part 0), its users held directly (part 1), a page of its children with their subtrees (part 2),
-- and those children who are furthest over their own limits (part 3).
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
  total as used, (select count(*) from children) as children
from figures
union all
select 1, 0, null, '', null, directly, 0 from figures
union all
select 2, place, id, name, user_limit, used, 0 from placed
where $5 is null or (place > $6 and place <= $6 + $5)
union all
select 3, row_number() over (order by used - user_limit desc, name), id, name, user_limit, used, count(*) over ()
from children where used > user_limit
order by part, place
