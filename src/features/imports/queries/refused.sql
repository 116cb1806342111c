-- $1 import, $2 how many, $3 after how many
select line, column_name, found, reason, count(*) over () as total
from import_refusals where import_id = $1
order by line, column_name nulls first, reason
limit $2 offset $3
