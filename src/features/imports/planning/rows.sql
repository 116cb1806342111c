-- Rows that could be read, and those of them that mean somebody who is known. $1 import
select all_rows.count as rows, all_rows.count - (select count(*) from import_matched where known_id is null) as known
from (select count(*) from import_rows where import_id = $1) all_rows
