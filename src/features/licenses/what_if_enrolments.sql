-- How the number of active users changes, day by day, when some enrolments expire on another day or go: the days of
-- the people concerned as they would be, compared with those that are counted.
-- $1 enrolment ids, $2 their expiry date then (null: no end), $3 they go instead, $4 the last day
with chosen as materialized (
  select e.id, e.user_id from unnest($1) given (id) join enrolments e using (id)
),
people as materialized (
  select distinct user_id from chosen
),
computed as (
  select u.id as user_id,
    range_agg(case
      when c.id is null then license_span(e.starts_on, e.expires_on)
      when not $3 then license_span(e.starts_on, $2)
    end) * license_lifetime(u.expires_on) as active
  from people p join users u on u.id = p.user_id join enrolments e on e.user_id = u.id left join chosen c on c.id = e.id
  group by u.id
),
compared as (
  select coalesce(s.active, '{}') as was, coalesce(computed.active, '{}') as will_be
  from people left join license_spans s using (user_id) left join computed using (user_id)
)
select edge.day, sum(edge.delta)::bigint as delta
from compared, lateral (
  select coalesce(day, '-infinity') as day, delta from license_edges(will_be - was, 1)
  union all
  select coalesce(day, '-infinity'), delta from license_edges(was - will_be, -1)
) edge
where edge.day <= $4
group by edge.day having sum(edge.delta) <> 0
