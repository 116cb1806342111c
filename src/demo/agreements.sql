-- An agreement for each root, with the tier of its limit, and a past for its chart. $1 today
with tiers as (
  insert into tiers (name, user_limit, yearly_price, currency) values
    ('Team', 180, 3600.00, 'GBP'), ('Business', 1000, 15000.00, 'GBP'),
    ('Growth', 2400, 31200.00, 'GBP'), ('Enterprise', 5000, 55000.00, 'GBP')
  returning id, name, user_limit, yearly_price, currency
),
agreed as (
  insert into agreements (organisation_id, tier_id, starts_on, ends_on, user_limit, yearly_price, currency, in_force_since)
  select o.id, t.id, $1 - 150, ($1 - 150 + interval '1 year')::date - 1, o.user_limit, t.yearly_price, t.currency,
    ($1 - 150)::timestamp at time zone o.time_zone
  from organisations o join tiers t on t.user_limit = o.user_limit
  where o.parent_id is null
  returning *
)
insert into agreement_changes
  (agreement_id, kind, changed_at, tier_name, user_limit, yearly_price, currency, re_uses_per_license, extra_users)
select a.id, 'agreed', a.in_force_since, t.name, a.user_limit, a.yearly_price, a.currency, a.re_uses_per_license, 0
from agreed a join tiers t on t.id = a.tier_id
