-- $1 import, $2 no kind, $3 part of the name or username in lower case, $4 how many, $5 after how many, $6 the reader's
-- scope (null: everything): of people who are not within it any more, what the file says
with places as materialized (
  select distinct descendant_id as id from organisation_closure where ancestor_id = any ($6)
),
found as materialized (
  select r.line as number, u.id as person_id, shown.name, shown.username, u.organisation_id, inside.there
  from import_rows r
  left join users by_id on by_id.id = r.user_id
  left join users by_name on r.user_id is null and by_name.username_key = lower(r.username)
  join users u on u.id = coalesce(by_id.id, by_name.id)
  cross join lateral (
    select coalesce($6 is null or u.organisation_id in (select id from places), false) as there
  ) inside
  cross join lateral (
    select case when inside.there then u.name else concat_ws(' ', r.first_name, r.last_name) end as name,
      case when inside.there then u.username else coalesce(r.username, r.user_id::text) end as username
  ) shown
  where r.import_id = $1 and $2 <> ''
    and not exists (
      select from import_plan p where p.import_id = $1 and p.kind in ('change', 'create') and p.number = r.line)
    and not exists (select from import_refusals f where f.import_id = $1 and f.line = r.line)
    and ($3 = '' or position($3 in lower(shown.name || ' ' || shown.username)) > 0)
  order by r.line limit $4 offset $5
)
select f.number, f.person_id, f.name, f.username, null::jsonb as before, null::jsonb as after, false as active,
  0::bigint as records, null::text as reason, f.there,
  case when f.there then path_in_scope(f.organisation_id, $6) end as organisation, null::bigint as total
from found f
order by f.number
