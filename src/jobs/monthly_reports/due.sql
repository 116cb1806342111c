-- A report that is to be mailed: of a month that is over and recorded, since which the reader is subscribed. $1 now;
-- the one before it in this round, if any: $2 month, $3 reader, $4 organisation
select s.user_id, s.organisation_id, begun::date as month, (begun + interval '1 month')::date - 1 as last_day,
  u.email, u.first_name, u.language, coalesce(u.time_zone, root.time_zone) as time_zone
from report_subscriptions s
join users u on u.id = s.user_id
join organisation_closure up on up.descendant_id = s.organisation_id
join organisations root on root.id = up.ancestor_id and root.parent_id is null
join license_days_closed d on d.root_id = root.id
cross join lateral generate_series(
  date_trunc('month', s.created_at at time zone root.time_zone),
  date_trunc('month', $1 at time zone root.time_zone) - interval '1 month', interval '1 month') begun
where ($2 is null or (begun::date, s.user_id, s.organisation_id) > ($2, $3, $4))
  and d.closed_until >= (begun + interval '1 month')::date - 1
  and not exists (
    select from report_mails m
    where m.user_id = s.user_id and m.organisation_id = s.organisation_id and m.month = begun::date)
order by begun, s.user_id, s.organisation_id
limit 1
for update of s skip locked
