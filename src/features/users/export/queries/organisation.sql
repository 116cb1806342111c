-- The organisations at the top of what is asked for, two of them at most.
-- $1 scope (null: everything), $2 the organisation that is asked for (null: all of the scope)
select o.id, o.name from organisations o
where case
  when $2 is not null then o.id = $2 and ($1 is null or exists (
    select from organisation_closure c where c.descendant_id = o.id and c.ancestor_id = any ($1)))
  when $1 is null then o.parent_id is null
  else o.id = any ($1) and not exists (
    select from organisation_closure c
    where c.descendant_id = o.id and c.depth > 0 and c.ancestor_id = any ($1)) end
limit 2
