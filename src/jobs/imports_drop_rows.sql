-- $1 import, $2 how many
delete from import_rows where ctid = any (array(select ctid from import_rows where import_id = $1 limit $2))
