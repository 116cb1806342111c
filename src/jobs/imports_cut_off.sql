-- $1 uploads that began before
delete from import_pieces where import_id in (
  select p.import_id from import_pieces p
  where p.number = 0 and p.uploaded_at < $1 and not exists (select from imports i where i.id = p.import_id))
