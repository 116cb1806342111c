-- What is committed now, and where changes are noted: the run of the server, database and file. A copy has not all of them
-- in common with the original, nor has a database that was put back to an earlier time.
select pg_current_snapshot()::text as snapshot,
  concat_ws('.', extract(epoch from pg_postmaster_start_time()),
    (select oid from pg_database where datname = current_database()),
    pg_relation_filenode('import_disturbances')) as noted_in
