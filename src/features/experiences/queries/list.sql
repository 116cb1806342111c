-- The learning experiences that are open to a scope: their owner is within it, or above it.
-- $1 scope (null: everything), $2 part of the title or code, $3 archived or not (null: both),
-- $4 sorted by code instead of title, $5 the last first, $6 rows a page (null: all), $7 offset
select x.id, x.title, x.code, o.name as organisation, x.archived_at is not null as archived, count(*) over () as total
from experiences x join organisations o on o.id = x.organisation_id
where ($3 is null or (x.archived_at is not null) = $3)
  and ($2 = '' or position(lower($2) in lower(x.title)) > 0 or position(lower($2) in lower(x.code)) > 0)
  and ($1 is null or exists (
    select from organisation_closure c
    where (c.descendant_id = x.organisation_id and c.ancestor_id = any ($1))
       or (c.ancestor_id = x.organisation_id and c.descendant_id = any ($1))))
order by
  case when not $5 then case when $4 then x.code else x.title end end collate natural_order,
  case when $5 then case when $4 then x.code else x.title end end collate natural_order desc,
  x.title collate natural_order, x.id
limit $6 offset $7
