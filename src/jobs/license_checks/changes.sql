-- What has changed since the last check. $1 roots
select id, root_id, at, delta::bigint as delta from license_log where root_id = any ($1) and not checked order by root_id, id
