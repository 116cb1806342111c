-- $1 an agreement, $2 what kind of change, $3 when, $4 by whom
insert into agreement_changes
  (agreement_id, kind, changed_at, changed_by, tier_name, user_limit, yearly_price, currency, re_uses_per_license,
   extra_users, extra_users_from, extra_users_until)
select a.id, $2, $3, $4, t.name, a.user_limit, a.yearly_price, a.currency, a.re_uses_per_license,
  a.extra_users, a.extra_users_from, a.extra_users_until
from agreements a left join tiers t on t.id = a.tier_id
where a.id = $1
