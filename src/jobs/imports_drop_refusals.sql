-- $1 import, $2 how many
delete from import_refusals where ctid = any (array(select ctid from import_refusals where import_id = $1 limit $2))
