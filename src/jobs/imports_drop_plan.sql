-- $1 import, $2 how many
delete from import_plan where ctid = any (array(select ctid from import_plan where import_id = $1 limit $2))
