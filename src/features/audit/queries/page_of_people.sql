-- The newest entries that some people made, or that concern them, within a scope.
-- $1 scope (null: everything), $2 conditions, $3 who asks, $4 how many, $5 people
with places as materialized (
  select distinct descendant_id as id from organisation_closure where ancestor_id = any ($1)
),
people as (select id from unnest($5) people (id)),
found as (
  select made.at, made.id from people p cross join lateral (
    select e.at, e.id from audit_entries e
    where e.actor_id = p.id and $2
      and ($1 is null or e.actor_id = $3 or e.organisation_id in (select id from places))
    order by e.at desc, e.id desc limit $4) made
  union
  select told.at, told.id from people p cross join lateral (
    select e.at, e.id from audit_entries e
    where e.subject_id = p.id and $2
      and ($1 is null or e.actor_id = $3 or e.organisation_id in (select id from places))
    order by e.at desc, e.id desc limit $4) told
  union
  (select e.at, e.id from audit_entries e
   where e.id in (select c.entry_id from audit_changes c where c.person_id = any ($5)) and $2
     and ($1 is null or e.actor_id = $3 or e.organisation_id in (select id from places))
   order by e.at desc, e.id desc limit $4)
)
select id from found order by at desc, id desc limit $4
