-- Whoever wants what somebody keeps is refused, and then keeps their own, so whoever waits for that is refused too.
-- $1 import
with recursive falling (line) as (
  select line from import_waits where waits_for is null
  union
  select line from import_refusals where import_id = $1
  union
  select w.line from falling f join import_waits w on w.waits_for = f.line
)
insert into import_refusals (import_id, line, of_the_file, column_name, found, reason)
select $1, w.line, false, w.column_name, w.found, w.reason
from import_waits w
where w.waits_for is null or w.waits_for in (select line from falling)
