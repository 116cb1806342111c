-- $1 import, $2 how many
delete from import_pieces where ctid = any (array(select ctid from import_pieces where import_id = $1 limit $2))
