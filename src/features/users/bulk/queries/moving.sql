-- $1 user ids, $2 the organisation that they move to
with people as materialized (
  select u.id, u.organisation_id
  from unnest($1) given (id) join users u using (id)
  where u.organisation_id is distinct from $2
),
tree as materialized (
  select distinct below.descendant_id as id
  from organisation_closure above join organisation_closure below on below.ancestor_id = above.ancestor_id
  where above.descendant_id = $2
)
select count(*) as users,
  count(*) filter (where p.organisation_id is null or p.organisation_id not in (select id from tree)) as crossing,
  (select count(*)
   from people mover join enrolments e on e.user_id = mover.id join experiences x on x.id = e.experience_id
   where x.organisation_id not in (
     select c.ancestor_id from organisation_closure c where c.descendant_id = $2)) as not_open
from people p
