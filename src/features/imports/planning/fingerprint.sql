-- The plan as it was shown, as a number: new people have no lasting id yet, and whoever goes, stays or changes was shown by
-- name. $1 import
select concat_ws('.',
  (select concat(count(*), '.', coalesce(sum(hashtextextended(concat_ws('|', kind, number,
      case kind when 'create' then null else jsonb_build_array(person_id, name, username) end, before, after, active, records, reason), 0)), 0))
    from import_plan where import_id = $1),
  (select concat(count(*), '.', coalesce(sum(hashtextextended(concat_ws('|', line, column_name, reason), 0)), 0))
    from import_refusals where import_id = $1)) as fingerprint
