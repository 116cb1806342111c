-- $1 learning experience, $2 scope (null: everything), $3 now
select x.id, x.title, x.code, x.description, x.organisation_id, o.name as organisation,
  x.archived_at is not null as archived, today_in(x.organisation_id, $3) as today,
  ($2 is null or exists (
    select from organisation_closure c
    where c.descendant_id = x.organisation_id and c.ancestor_id = any ($2))) as owned_within
from experiences x join organisations o on o.id = x.organisation_id
where x.id = $1 and ($2 is null or exists (
  select from organisation_closure c
  where (c.descendant_id = x.organisation_id and c.ancestor_id = any ($2))
     or (c.ancestor_id = x.organisation_id and c.descendant_id = any ($2))))
