-- $1 import, $2 no kind, $3 part of the name or username in lower case, $4 how many, $5 after how many
with found as materialized (
  select r.line as number, u.id as person_id, u.name, u.username, u.organisation_id
  from import_rows r
  left join users by_id on by_id.id = r.user_id
  left join users by_name on r.user_id is null and by_name.username_key = lower(r.username)
  join users u on u.id = coalesce(by_id.id, by_name.id)
  where r.import_id = $1 and $2 <> ''
    and not exists (
      select from import_plan p where p.import_id = $1 and p.kind in ('change', 'create') and p.number = r.line)
    and not exists (select from import_refusals f where f.import_id = $1 and f.line = r.line)
    and ($3 = '' or position($3 in lower(u.name || ' ' || u.username)) > 0)
  order by r.line limit $4 offset $5
)
select f.number, f.person_id, f.name, f.username, null::jsonb as before, null::jsonb as after, false as active,
  0::bigint as records, null::text as reason, true as there, place.path as organisation, null::bigint as total
from found f
left join lateral (
  select string_agg(a.name, ' > ' order by c.depth desc) as path
  from organisation_closure c join organisations a on a.id = c.ancestor_id
  where c.descendant_id = f.organisation_id
) place on true
order by f.number
