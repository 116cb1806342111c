-- $1 import; by row: $2 line, $3 column, $4 what was found, $5 reason, $6 the row by columns
insert into import_refusals (import_id, line, of_the_file, column_name, found, reason, cells)
select $1, line, true, column_name, nullif(found, ''), reason, cells
from unnest($2, $3, $4, $5, $6) given (line, column_name, found, reason, cells)
