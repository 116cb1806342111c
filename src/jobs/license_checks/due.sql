-- Roots for which something has changed, or the time has come. $1 now, $2 how many at most
select root_id from (
  (select root_id from license_checks where due_at <= $1 order by due_at limit $2)
  union
  (select root_id from (select distinct root_id from license_log where not checked) changed limit $2)
) due
order by root_id limit $2
