-- What is known of roots: what the last check knew, what is so, and what is agreed on. $1 roots, $2 until when each is checked,
-- $3 how many days ahead is looked
select o.id, o.name, o.time_zone, o.user_limit, used.used,
  checks.checked_until, checks.due_at, checks.used as checked_used, checks.user_limit as checked_limit, checks.warned_percent,
  checks.re_uses_warned_percent, checks.re_uses_warned_year, checks.crossing_on,
  open.id as overage_id, open.opened_at, open.notice_on, open.stage, open.major_since, open.major_cause, open.major_due_at,
  agreed.starts_on, agreed.ends_on, agreed.yearly_price, agreed.currency, agreed.re_uses_per_license,
  agreed.extra_users, agreed.extra_users_from, agreed.extra_users_until,
  year.holders, year.next_holders_on,
  case when agreed.id is not null then license_highest_limit(o.id, agreed.starts_on, day.today) end as highest_limit,
  renewal.starts_on as renewal_on, renewal.user_limit as renewal_limit,
  (select min(next.starts_on) from agreements next
   where next.organisation_id = o.id and next.starts_on > day.today) as next_year_on,
  -- the first day that is too far ahead to be looked at
  (select min(first.day) from (
     (select d.day from license_delta d
      where d.organisation_id = o.id and d.day > day.today + $3 order by d.day limit 1)
     union all
     (select r.day from license_rollup r
      where r.organisation_id = o.id and r.day > day.today + $3 order by r.day limit 1)
   ) first) as scheduled_beyond
from unnest($1, $2) as wanted (root_id, until)
join organisations o on o.id = wanted.root_id
cross join lateral (select (wanted.until at time zone o.time_zone)::date as today) day
cross join lateral (select coalesce(sum(own.used), 0)::bigint as used from license_used_in(o.id, day.today) own) used
left join license_checks checks on checks.root_id = o.id
left join overages open on open.organisation_id = o.id and open.closed_at is null
left join agreements agreed on agreed.organisation_id = o.id and day.today between agreed.starts_on and agreed.ends_on
  and agreed.in_force_since is not null
left join agreements renewal on renewal.organisation_id = o.id and renewal.starts_on > day.today
  and renewal.starts_on <= day.today + $3
left join lateral (
  select coalesce(sum(d.holders) filter (where d.day <= day.today), 0)::bigint as holders,
    min(d.day) filter (where d.day > day.today and d.holders <> 0) as next_holders_on
  from organisation_closure c join license_holder_days d on d.organisation_id = c.descendant_id
  where c.ancestor_id = o.id and d.year_starts_on = agreed.starts_on
) year on agreed.id is not null
where o.parent_id is null
order by o.id
