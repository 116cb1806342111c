-- How many of each kind. $1 import, $2 its organisation
select
  count(*) filter (where kind = 'create') as created,
  count(*) filter (where kind = 'change') as changed,
  count(*) filter (where kind = 'delete') as deleted,
  count(*) filter (where kind = 'protect') as protected,
  count(*) filter (where kind = 'delete' and active) as licenses_freed,
  coalesce(sum(records) filter (where kind = 'delete'), 0)::bigint as records_lost,
  count(*) filter (where kind = 'delete' and before ? 'held') as with_roles,
  (select count(distinct line) from import_refusals where import_id = $1) as refused,
  (select count(distinct line) from import_refusals where import_id = $1 and of_the_file) as unreadable,
  (select coalesce(sum(c.users), 0)::bigint from user_counts c
    join organisation_closure s on s.descendant_id = c.organisation_id where s.ancestor_id = $2) as in_scope
from import_plan where import_id = $1
