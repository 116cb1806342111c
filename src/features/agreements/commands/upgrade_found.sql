-- $1 roots, and of each: $2 the tier that it gets, $3 when, $4 the day of that, $5 who accepted it
select a.organisation_id as root_id, a.id as agreement_id, a.starts_on, old.name as old_tier, a.user_limit as old_limit,
  a.yearly_price as old_price, a.currency as old_currency,
  t.id as tier_id, t.name as tier, t.user_limit, t.yearly_price, t.currency, wanted.at, wanted.on_day, wanted.accepted_by,
  exists (select from user_limit_changes c where c.organisation_id = a.organisation_id and c.changed_at > wanted.at)
    as is_outdated
from unnest($1, $2, $3, $4, $5) as wanted (root_id, tier_id, at, on_day, accepted_by)
join agreements a on a.organisation_id = wanted.root_id and wanted.on_day between a.starts_on and a.ends_on
join tiers t on t.id = wanted.tier_id
left join tiers old on old.id = a.tier_id
order by a.organisation_id
