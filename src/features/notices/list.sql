-- The newest notices of the roots within a scope; a child has none. Only the roots with the newest first notices can
-- have one among the newest of all, so that a root costs one look into an index, however many notices it has.
-- $1 scope (null: everything), $2 part of a name (null: all), $3 kinds (null: all), $4 and $5 moment and id of the last
-- notice of the page before (null: none), $6 how many
with places as materialized (
  select o.id from organisations o
  where o.parent_id is null and ($1 is null or o.id = any ($1))
    and ($2 is null or position(lower($2) in lower(o.name)) > 0)
),
first_ones as materialized (
  select p.id from places p cross join lateral (
    select n.at, n.id from notices n
    where n.organisation_id = p.id and ($3 is null or n.kind = any ($3)) and ($4 is null or (n.at, n.id) < ($4, $5))
    order by n.at desc, n.id desc limit 1) newest
  order by newest.at desc, newest.id desc limit $6
),
found as (
  select newest.id, newest.at from first_ones p cross join lateral (
    select n.id, n.at from notices n
    where n.organisation_id = p.id and ($3 is null or n.kind = any ($3)) and ($4 is null or (n.at, n.id) < ($4, $5))
    order by n.at desc, n.id desc limit $6) newest
  order by newest.at desc, newest.id desc limit $6
)
select n.id, n.at, n.kind, n.facts, n.organisation_id, o.name as organisation_name, o.time_zone,
  e.stage, e.notice_on, e.major_due_at, e.closed_at, e.closed_by
from found
join notices n on n.id = found.id
join organisations o on o.id = n.organisation_id
left join overages e on e.id = n.overage_id
order by n.at desc, n.id desc
