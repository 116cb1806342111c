-- A page of users by the name of their organisation, then by their own; people without an organisation
-- come last. Of each organisation no more rows are read than the page can need.
-- $1 the users who match, $2 scope (null: everything), $3 the user to begin after (null: at the beginning),
-- $4 that user's organisation, $5 rows a page, $6 offset
-- The organisations are sorted first, and stay so by the offset: then no more of them are looked into than the page needs.
with places as (
  select o.id, o.name from organisations o
  where ($2 is null or exists (
      select from organisation_closure c where c.descendant_id = o.id and c.ancestor_id = any ($2)))
    and ($3 is null or (o.name collate natural_order, o.id) >= (
      select f.name collate natural_order, f.id from organisations f where f.id = $4))
),
begin as (select name, id from users where id = $3)
select id from (
  (select 0 as part, o.name as place, o.id as place_id, found.name, found.id
   from (select * from places order by name collate natural_order, id offset 0) o
   cross join lateral (
     select u.id, u.name from ($1) u
     where u.organisation_id = o.id
       and ($3 is null or o.id is distinct from $4 or (u.name, u.id) > (select b.name, b.id from begin b))
     order by u.name, u.id limit $5 + $6) found
   order by o.name collate natural_order, o.id, found.name, found.id limit $5 + $6)
  union all
  (select 1, '', null, u.name, u.id from ($1) u
   where u.organisation_id is null and $2 is null
     and ($3 is null or $4 is not null or (u.name, u.id) > (select b.name, b.id from begin b))
   order by u.name, u.id limit $5 + $6)
) rows
order by part, place collate natural_order, place_id, name, id limit $5 offset $6
