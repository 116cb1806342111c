-- How the number of active users changes, day by day, when everybody goes whom the plan of an import would delete.
-- $1 import id, $2 the last day
select edge.day, sum(edge.delta)::bigint as delta
from import_plan p
join license_spans s on s.user_id = p.person_id
cross join lateral license_edges(s.active, -1) edge
where p.import_id = $1 and p.kind = 'delete' and edge.day <= $2
group by edge.day having sum(edge.delta) <> 0
