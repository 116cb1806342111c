-- Whether everybody who would go has a higher unique ID than everybody in the file. $1 import
select exists (select from import_plan where import_id = $1 and kind = 'delete')
  and not exists (select from import_rows where import_id = $1 and user_id > first.id)
  and not exists (select from import_matched where by_name and known_id > first.id) as told
from (
  select (select person_id from import_plan where import_id = $1 and kind = 'delete' order by person_id limit 1) as id
) first
