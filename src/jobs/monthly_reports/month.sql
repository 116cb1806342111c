-- What was in a month: the most users at once and when, and of a root the holders of the license year at its end.
-- $1 organisation id, $2 the first day, $3 the last day
select coalesce(most.peak, license_closing($1, $3)) as peak, coalesce(most.day, $3) as peak_on,
  case when a.id is not null then license_holders_in($1, a.starts_on, $3) end as holders,
  case when a.id is not null then license_highest_limit($1, a.starts_on, $3) end as highest_limit, a.re_uses_per_license
from organisations o
left join lateral (
  -- a day without a record is like the end of the day before
  select peak, day from (
    select d.day, d.peak from license_days d where d.organisation_id = $1 and d.day between $2 and $3
    union all
    select $2, license_closing($1, $2)
  ) days
  order by peak desc, day limit 1
) most on true
left join agreements a on a.organisation_id = o.id and $3 between a.starts_on and a.ends_on
where o.id = $1
