-- The days that an organisation's history is shown for, within the scope: the license year that it is in, without one
-- the last 365 days, as far as they are recorded.
-- $1 organisation id, $2 now, $3 scope (null: everything)
select root.time_zone, clock.today, d.begins_on, d.closed_until,
  greatest(coalesce(a.starts_on, clock.today - 365), least(d.begins_on, clock.today)) as first_day,
  a.starts_on as year_starts_on
from organisation_closure up
join organisations root on root.id = up.ancestor_id and root.parent_id is null
join license_days_closed d on d.root_id = root.id
cross join lateral (select ($2 at time zone root.time_zone)::date as today) clock
left join agreements a on a.organisation_id = root.id and clock.today between a.starts_on and a.ends_on
where up.descendant_id = $1
  and ($3 is null or exists (
    select from organisation_closure s where s.descendant_id = $1 and s.ancestor_id = any ($3)))
