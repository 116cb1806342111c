-- $1 import, $2 kind, $3 part of the name or username in lower case, $4 how many, $5 after how many, $6 the reader's
-- scope (null: everything): where people are now is told of those only who are still within it
with found as materialized (
  select p.*, count(*) over () as total from import_plan p
  where p.import_id = $1 and p.kind = $2
    and ($3 = '' or position($3 in lower(p.name || ' ' || p.username)) > 0)
  order by p.number limit $4 offset $5
)
select f.number, f.person_id, f.name, f.username, f.before, f.after, f.active, f.records, f.reason,
  u.id is not null as there,
  path_in_scope(coalesce(
    (f.after ->> 'organisation_id')::uuid, (f.before ->> 'organisation_id')::uuid, u.organisation_id), $6) as organisation,
  f.total
from found f
left join users u on u.id = f.person_id and ($6 is null or exists (
  select from organisation_closure s where s.descendant_id = u.organisation_id and s.ancestor_id = any ($6)))
order by f.number
