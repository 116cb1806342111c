-- $1 agreements, $2 since when each is in force
with begun as (
  update agreements a set in_force_since = due.at
  from unnest($1, $2) as due (id, at) where a.id = due.id
  returning a.*
)
insert into agreement_changes
  (agreement_id, kind, changed_at, tier_name, user_limit, yearly_price, currency, re_uses_per_license,
   extra_users, extra_users_from, extra_users_until)
select a.id, 'begun', a.in_force_since, t.name, a.user_limit, a.yearly_price, a.currency, a.re_uses_per_license,
  a.extra_users, a.extra_users_from, a.extra_users_until
from begun a left join tiers t on t.id = a.tier_id
