-- $1 an agreement
select jsonb_build_object('tier', t.name, 'user_limit', a.user_limit, 'yearly_price', a.yearly_price::text,
  'currency', a.currency, 're_uses_per_license', a.re_uses_per_license, 'extra_users', a.extra_users,
  'extra_users_from', a.extra_users_from, 'extra_users_until', a.extra_users_until) as terms
from agreements a left join tiers t on t.id = a.tier_id
where a.id = $1
