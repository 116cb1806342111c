-- $1 root, $2 day. Materialized, since the planner otherwise looks every organisation up by itself.
with own as materialized (
  select organisation_id, sum(delta) as used from raw_delta where day <= $2 group by organisation_id
)
select c.ancestor_id, sum(own.used)::bigint as used
from own
join organisation_closure c on c.descendant_id = own.organisation_id
join organisations o on o.id = c.ancestor_id
where o.id = $1 or o.parent_id = $1
group by c.ancestor_id
