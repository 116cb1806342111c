-- The rows of a page, with what decides whether each is active on the day in its organisation.
-- $1 user ids, in order, $2 now, $3 to $5 whose accounts the reader may change
select u.id, u.name, u.username, u.email, u.organisation_id, o.name as organisation_name, u.last_signed_in_at,
  u.expires_on, day.today, counts.live, counts.completed_live, counts.expired, counts.coming, counts.next_start,
  (select upper(span) - 1 from license_spans s, unnest(s.active) span
   where s.user_id = u.id and span @> day.today) as active_until,
  may_be_managed(u.id, $3, $4, $5) as manageable
from unnest($1) with ordinality given (id, place)
join users u on u.id = given.id
left join organisations o on o.id = u.organisation_id
cross join lateral (select today_in(u.organisation_id, $2) as today) day
cross join lateral (
  select
    (count(*) filter (where is_live))::integer as live,
    (count(*) filter (where is_live and completed_on is not null))::integer as completed_live,
    (count(*) filter (where expires_on < greatest(today, starts_on)))::integer as expired,
    (count(*) filter (where starts_on > today and (expires_on is null or expires_on >= starts_on)))::integer as coming,
    min(starts_on) filter (where starts_on > today and (expires_on is null or expires_on >= starts_on)) as next_start
  from (
    select e.starts_on, e.expires_on, e.completed_on,
      e.starts_on <= today and (e.expires_on is null or today <= e.expires_on) as is_live
    from enrolments e where e.user_id = u.id
  ) own
) counts
order by given.place
