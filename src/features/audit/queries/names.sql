-- An enrolment is called by its learning experience: whose it is stands beside it. Entries of the log and exports are
-- called by what was done, when and by whom; entries are those that the reader could open.
-- $1 scope (null: everything), $2 ids of things of any kind, $3 the reader may see the log, $4 of this scope (null:
-- everything), $5 who asks
with wanted as materialized (select distinct id from unnest($2) wanted (id))
select u.id, u.name::text as name, '/users/' || u.id as address, null::timestamptz as at, null::text as who
from wanted join users u using (id)
where $1 is null or exists (
  select from organisation_closure c where c.descendant_id = u.organisation_id and c.ancestor_id = any ($1))
union all
select o.id, o.name, case when $1 is null or exists (
    select from organisation_closure c where c.descendant_id = o.id and c.ancestor_id = any ($1))
  then '/organisations/' || o.id || '/licenses' end, null, null
from wanted join organisations o using (id)
where $1 is null or exists (
  select from organisation_closure c
  where (c.descendant_id = o.id and c.ancestor_id = any ($1)) or (c.ancestor_id = o.id and c.descendant_id = any ($1)))
union all
select w.id, x.title, '/experiences/' || x.id, null, null
from wanted w left join enrolments e on e.id = w.id join experiences x on x.id in (w.id, e.experience_id)
where $1 is null or exists (
  select from organisation_closure c
  where (c.descendant_id = x.organisation_id and c.ancestor_id = any ($1))
     or (c.ancestor_id = x.organisation_id and c.descendant_id = any ($1)))
union all
select i.id, i.file_name, '/imports/' || i.id, null, null
from wanted join imports i using (id)
where $1 is null or exists (
  select from organisation_closure c where c.descendant_id = i.organisation_id and c.ancestor_id = any ($1))
union all
select g.id, 'License year ' || to_char(g.starts_on, 'FMDD Mon YYYY') || ' to ' || to_char(g.ends_on, 'FMDD Mon YYYY'),
  '/organisations/' || g.organisation_id || '/agreement', null, null
from wanted join agreements g using (id)
where $1 is null or g.organisation_id = any ($1)
union all
select t.id, t.name, case when $1 is null then '/settings/tiers/' || t.id end, null, null
from wanted join tiers t using (id)
union all
select e.id, e.action, '/audit/' || e.id, e.at,
  case e.actor_kind when 'program' then 'Headroom itself' when 'operator' then 'the operator' else u.name::text end
from wanted join audit_entries e using (id) left join users u on u.id = e.actor_id
where $3 and ($4 is null or e.actor_id = $5 or exists (
  select from organisation_closure c where c.descendant_id = e.organisation_id and c.ancestor_id = any ($4)))
union all
select x.id, '', null, x.created_at, u.name::text
from wanted join exports x using (id) left join users u on u.id = x.created_by
where $1 is null or x.created_by = $5 or exists (
  select from organisation_closure c where c.descendant_id = x.organisation_id and c.ancestor_id = any ($1))
