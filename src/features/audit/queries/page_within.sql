-- The newest entries of the organisations in a scope, and one's own. Only the organisations with the
-- newest first entries can have one among the newest of all, so that an organisation costs one look
-- into an index, however many entries it has.
-- $1 scope, $2 conditions, $3 who asks, $4 how many
with places as materialized (
  select distinct descendant_id as id from organisation_closure where ancestor_id = any ($1)
),
first_ones as materialized (
  select p.id from places p cross join lateral (
    select e.at, e.id from audit_entries e
    where e.organisation_id = p.id and $2 order by e.at desc, e.id desc limit 1) newest
  order by newest.at desc, newest.id desc limit $4
),
found as (
  select newest.at, newest.id from first_ones p cross join lateral (
    select e.at, e.id from audit_entries e
    where e.organisation_id = p.id and $2 order by e.at desc, e.id desc limit $4) newest
  union
  (select e.at, e.id from audit_entries e where e.actor_id = $3 and $2 order by e.at desc, e.id desc limit $4)
)
select id from found order by at desc, id desc limit $4
