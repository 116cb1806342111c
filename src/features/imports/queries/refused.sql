-- $1 import, $2 how many, $3 after how many, $4 only with this cause (null: all) in $5 the column
select line, column_name, found, reason, cells, count(*) over () as total
from import_refusals
where import_id = $1 and ($4 is null or (refusal_cause(reason) = $4 and column_name is not distinct from $5))
order by line, column_name nulls first, reason
limit $2 offset $3
