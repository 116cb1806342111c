-- Learning experiences to choose from: those that are open to organisations of the scope, the chosen one always.
-- $1 scope (null: everything), $2 the chosen one (null: none), $3 how many at most
select x.id, x.title from experiences x
where (x.archived_at is null or x.id = $2)
  and ($1 is null or exists (
    select from organisation_closure c
    where (c.descendant_id = x.organisation_id and c.ancestor_id = any ($1))
       or (c.ancestor_id = x.organisation_id and c.descendant_id = any ($1))))
order by x.id is distinct from $2, x.title collate natural_order, x.id
limit $3
