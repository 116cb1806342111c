-- The next agreement of each root that is not in force though its first day has come. $1 now
select distinct on (a.organisation_id) a.organisation_id as root_id, a.id as agreement_id, a.starts_on,
  license_day_ends(a.starts_on - 1, o.time_zone) as at, t.name as tier, o.user_limit as "from", a.user_limit as "to"
from agreements a join organisations o on o.id = a.organisation_id left join tiers t on t.id = a.tier_id
where a.in_force_since is null and a.starts_on <= ($1 at time zone o.time_zone)::date
order by a.organisation_id, a.starts_on
