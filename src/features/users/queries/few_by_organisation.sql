-- A page of a few users by the name of their organisation, then by their own; people without an organisation
-- come last.
-- $1 the users, $2 the user to begin after (null: at the beginning), $3 rows a page, $4 offset
with places as not materialized (
  select u.id, u.name, u.organisation_id is null as part, coalesce(o.name, '') collate natural_order as place,
    coalesce(o.id, '00000000-0000-0000-0000-000000000000') as place_id
  from users u left join organisations o on o.id = u.organisation_id
)
select id from places
where id = any ($1)
  and ($2 is null or (part, place, place_id, name, id) > (
    select f.part, f.place, f.place_id, f.name, f.id from places f where f.id = $2))
order by part, place, place_id, name, id limit $3 offset $4
