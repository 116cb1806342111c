-- An enrolment is called by its learning experience: whose it is stands beside it.
-- $1 scope (null: everything), $2 ids of things of any kind
with wanted as materialized (select distinct id from unnest($2) wanted (id))
select u.id, u.name::text as name, '/users/' || u.id as address
from wanted join users u using (id)
where $1 is null or exists (
  select from organisation_closure c where c.descendant_id = u.organisation_id and c.ancestor_id = any ($1))
union all
select o.id, o.name, case when $1 is null or exists (
    select from organisation_closure c where c.descendant_id = o.id and c.ancestor_id = any ($1))
  then '/organisations/' || o.id || '/licenses' end
from wanted join organisations o using (id)
where $1 is null or exists (
  select from organisation_closure c
  where (c.descendant_id = o.id and c.ancestor_id = any ($1)) or (c.ancestor_id = o.id and c.descendant_id = any ($1)))
union all
select w.id, x.title, '/experiences/' || x.id
from wanted w left join enrolments e on e.id = w.id join experiences x on x.id in (w.id, e.experience_id)
where $1 is null or exists (
  select from organisation_closure c
  where (c.descendant_id = x.organisation_id and c.ancestor_id = any ($1))
     or (c.ancestor_id = x.organisation_id and c.descendant_id = any ($1)))
union all
select i.id, i.file_name, '/imports/' || i.id
from wanted join imports i using (id)
where $1 is null or exists (
  select from organisation_closure c where c.descendant_id = i.organisation_id and c.ancestor_id = any ($1))
union all
select g.id, 'License year ' || to_char(g.starts_on, 'FMDD Mon YYYY') || ' to ' || to_char(g.ends_on, 'FMDD Mon YYYY'),
  '/organisations/' || g.organisation_id || '/agreement'
from wanted join agreements g using (id)
where $1 is null or g.organisation_id = any ($1)
union all
select t.id, t.name, case when $1 is null then '/settings/tiers/' || t.id end
from wanted join tiers t using (id)
