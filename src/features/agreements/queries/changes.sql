-- $1 a root
select c.kind, c.changed_at, a.starts_on, a.ends_on, c.tier_name, c.user_limit, c.yearly_price, c.currency,
  c.re_uses_per_license, c.extra_users, c.extra_users_from, c.extra_users_until, c.pro_rata_price
from agreements a join agreement_changes c on c.agreement_id = a.id
where a.organisation_id = $1
order by c.changed_at desc, c.id desc
