-- $1 a root
select a.id, a.starts_on, a.ends_on, a.tier_id, t.name as tier, a.user_limit, a.yearly_price, a.currency,
  a.re_uses_per_license, a.extra_users, a.extra_users_from, a.extra_users_until, a.in_force_since
from agreements a left join tiers t on t.id = a.tier_id
where a.organisation_id = $1
order by a.starts_on
