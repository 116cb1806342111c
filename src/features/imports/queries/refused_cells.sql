-- $1 import
declare refused_rows no scroll cursor for
select (array_agg(cells) filter (where cells is not null))[1] as cells,
  string_agg(concat_ws(': ', column_name, reason), ' ' order by column_name nulls first, reason) as reasons
from import_refusals where import_id = $1
group by line order by line
