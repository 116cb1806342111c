-- What is committed now, and where changes are noted: cluster, database and file, none of which a copy has in common.
select pg_current_snapshot()::text as snapshot,
  concat_ws('.', (select system_identifier from pg_control_system()),
    (select oid from pg_database where datname = current_database()),
    pg_relation_filenode('import_disturbances')) as noted_in
