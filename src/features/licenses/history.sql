-- What changed when: 1 a closed day's closing and peak, 2 the change of the number of active users on a day that is
-- not closed, 3 the limit from a day on, 4 more users that are permitted in writing from a day until another.
-- $1 organisation id, $2 first day, $3 today, $4 last day, $5 closed until, $6 time zone
select 1 as kind, greatest(d.day, $2) as day, d.closing::bigint as amount,
  (case when d.day < $2 then d.closing else d.peak end)::bigint as peak, null::date as until
from license_days d
where d.organisation_id = $1 and d.day <= least($5, $3 - 1)
  and d.day >= coalesce((select max(k.day) from license_days k where k.organisation_id = $1 and k.day <= $2), $2)
union all
select 2, day, delta, null, null from license_changes($1, least($5, $3 - 1), $4)
union all
select * from (
  select distinct on (day) 3, day, user_limit::bigint, null::bigint, null::date
  from (
    select greatest((changed_at at time zone $6)::date, $2) as day, user_limit, changed_at, id
    from user_limit_changes where organisation_id = $1
  ) changes
  where day <= $3
  order by day, changed_at desc, id desc
) limits
union all
select 3, a.starts_on, a.user_limit, null, null
from agreements a where a.organisation_id = $1 and a.starts_on > $3 and a.starts_on <= $4
union all
select 4, greatest(a.extra_users_from, $2), a.extra_users, null, least(a.extra_users_until, $4)
from agreements a
where a.organisation_id = $1 and a.extra_users > 0 and a.extra_users_until >= $2 and a.extra_users_from <= $4
order by kind, day
