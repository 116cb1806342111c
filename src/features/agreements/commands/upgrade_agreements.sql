-- $1 agreements, and of each: $2 the tier that it gets, $3 when, $4 who accepted it, $5 the price for the rest of the year,
-- $6 whether the limit was set again since
with wanted as (
  select w.*, t.name, t.user_limit, t.yearly_price, t.currency
  from unnest($1, $2, $3, $4, $5, $6) as w (agreement_id, tier_id, at, accepted_by, price, is_outdated)
  join tiers t on t.id = w.tier_id
),
upgraded as (
  update agreements a
  set tier_id = wanted.tier_id, user_limit = wanted.user_limit, yearly_price = wanted.yearly_price,
    currency = wanted.currency
  from wanted
  where a.id = wanted.agreement_id and not wanted.is_outdated
)
insert into agreement_changes
  (agreement_id, kind, changed_at, changed_by, tier_name, user_limit, yearly_price, currency, re_uses_per_license,
   extra_users, extra_users_from, extra_users_until, pro_rata_price)
select a.id, 'upgraded', wanted.at, wanted.accepted_by, wanted.name, wanted.user_limit, wanted.yearly_price,
  wanted.currency, a.re_uses_per_license, a.extra_users, a.extra_users_from, a.extra_users_until, wanted.price
from wanted join agreements a on a.id = wanted.agreement_id
