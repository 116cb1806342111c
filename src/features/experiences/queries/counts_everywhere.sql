-- $1 learning experiences, $2 now
-- The condition and the outer join tell the planner how many rows there are; days alone would not.
with days as materialized (
  select x.id, today_in(x.organisation_id, $2) as today from experiences x where x.id = any ($1)
)
select e.experience_id,
  count(*) filter (where e.starts_on <= d.today and (e.expires_on is null or d.today <= e.expires_on)) as live,
  count(*) filter (where e.expires_on < greatest(d.today, e.starts_on)) as expired,
  count(*) filter (where e.starts_on > d.today and (e.expires_on is null or e.starts_on <= e.expires_on)) as coming,
  count(e.completed_on) as completed
from enrolments e left join days d on d.id = e.experience_id
where e.experience_id = any ($1)
group by e.experience_id
