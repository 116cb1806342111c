-- $1 import; by row: $2 line, $3 column, $4 what was found, $5 reason, $6 the row by columns, and whom it means: $7 unique ID,
-- $8 username, $9 e-mail address
insert into import_refusals (import_id, line, of_the_file, column_name, found, reason, cells, user_id, username, email)
select $1, line, true, column_name, nullif(found, ''), reason, cells, user_id, username, email
from unnest($2, $3, $4, $5, $6, $7, $8, $9)
  given (line, column_name, found, reason, cells, user_id, username, email)
