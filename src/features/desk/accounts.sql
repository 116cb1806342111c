-- A page of the roots within a scope. The order goes by what the last check of limits knew of usage, which is seconds
-- old; usage itself, holders and re-uses are read for the rows of the page only, so that many accounts cost little.
-- $1 scope (null: everything), $2 now, $3 part of a name (null: all), $4 state (null: any), $5 column, $6 1 or -1,
-- $7 rows a page, $8 offset
with matching as materialized (
  select o.id, o.name, o.user_limit, o.time_zone, day.today, checks.used as known_used, checks.crossing_on,
    open.stage, open.notice_on, open.major_due_at
  from organisations o
  cross join lateral (select ($2 at time zone o.time_zone)::date as today) day
  left join license_checks checks on checks.root_id = o.id
  left join overages open on open.organisation_id = o.id and open.closed_at is null
  where o.parent_id is null and ($1 is null or o.id = any ($1))
    and ($3 is null or position(lower($3) in lower(o.name)) > 0)
    and case $4
      when 'within' then open.stage is null
      when 'over' then open.stage is not null
      when 'coming' then open.stage is null and checks.crossing_on is not null
      else coalesce($4 = open.stage, $4 is null) end
),
found as (
  select m.*, a.starts_on, a.ends_on, a.re_uses_per_license, count(*) over () as total,
    row_number() over (order by
      case when $5 = 'name' and $6 > 0 then m.name end collate natural_order,
      case when $5 = 'name' and $6 < 0 then m.name end collate natural_order desc,
      $6 * case $5 when 'limit' then m.user_limit when 'used' then m.known_used when 'renewal' then a.ends_on - date '2000-01-01'
        when 'percentage' then ratio.used end nulls last,
      array_position('{major,overdue,minor,no_higher_tier}', m.stage) nulls last, m.major_due_at, m.notice_on,
      m.crossing_on nulls last, ratio.used desc nulls last, m.name collate natural_order, m.id) as place
  from matching m
  cross join lateral (select case when m.user_limit > 0 then m.known_used::double precision / m.user_limit
    when m.user_limit = 0 then m.known_used * 1e6 end as used) ratio
  left join agreements a on a.organisation_id = m.id and m.today between a.starts_on and a.ends_on
    and a.in_force_since is not null
  order by place limit $7 offset $8
)
select f.id, f.name, f.user_limit, f.time_zone, f.total, f.stage, f.notice_on, f.major_due_at, f.crossing_on,
  f.ends_on, f.re_uses_per_license,
  (select coalesce(sum(l.used), 0)::bigint from license_used_in(f.id, f.today) l) as used,
  case when f.starts_on is not null then license_holders_in(f.id, f.starts_on, f.today) end as holders,
  case when f.starts_on is not null then license_highest_limit(f.id, f.starts_on, f.today) end as highest_limit,
  (select min(a.starts_on) from agreements a where a.organisation_id = f.id and a.starts_on > f.today) as renewed_on
from found f order by f.place
