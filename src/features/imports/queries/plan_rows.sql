-- $1 import, $2 kind, $3 part of the name or username in lower case, $4 how many, $5 after how many
with found as materialized (
  select p.*, count(*) over () as total from import_plan p
  where p.import_id = $1 and p.kind = $2
    and ($3 = '' or position($3 in lower(p.name || ' ' || p.username)) > 0)
  order by p.number limit $4 offset $5
)
select f.number, f.person_id, f.name, f.username, f.before, f.after, f.active, f.records, f.reason,
  u.id is not null as there, place.path as organisation, f.total
from found f
left join users u on u.id = f.person_id
left join lateral (
  select string_agg(a.name, ' > ' order by c.depth desc) as path
  from organisation_closure c join organisations a on a.id = c.ancestor_id
  where c.descendant_id = coalesce(
    (f.after ->> 'organisation_id')::uuid, (f.before ->> 'organisation_id')::uuid, u.organisation_id)
) place on true
order by f.number
