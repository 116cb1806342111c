drop index agreements_coming;
drop trigger organisations_moved_with_users on organisations;
drop function organisations_moved_with_users();
drop trigger license_time_zone_changed on organisations;
drop function license_time_zone_changed();
drop trigger holidays_changed on holidays;
drop trigger warning_percents_changed on instance_settings;
drop function license_checks_again();

create or replace function license_close_days(at timestamptz) returns bigint
language plpgsql as $$
declare
  closed bigint;
begin
  -- one at a time for a tree; whoever waited finds nothing left to do
  perform from license_days_closed where next_at <= at order by root_id for update;
  execute '
    with due as materialized (
      select d.root_id, d.closed_until + 1 as first_day, ($1 at time zone o.time_zone)::date - 1 as last_day, o.time_zone
      from license_days_closed d join organisations o on o.id = d.root_id
      where d.next_at <= $1
    ),
    own as materialized (
      select due.root_id, day::date as day, used.organisation_id, used.used
      from due
      cross join lateral generate_series(due.first_day, due.last_day, interval ''1 day'') day
      cross join lateral license_used_in(due.root_id, day::date) used
    ),
    closings as (
      select c.ancestor_id as organisation_id, own.day, sum(own.used) as closing
      from own join organisation_closure c on c.descendant_id = own.organisation_id
      group by c.ancestor_id, own.day
    ),
    steps as (
      select c.ancestor_id as organisation_id, l.day, l.at, sum(l.delta) as delta
      from due
      join license_log l on l.root_id = due.root_id and l.day between due.first_day and due.last_day and l.delta <> 0
      join organisation_closure c on c.descendant_id = l.organisation_id
      group by c.ancestor_id, l.day, l.at
    ),
    reached as (
      select organisation_id, day, sum(delta) over (partition by organisation_id, day order by at) as delta,
        sum(delta) over (partition by organisation_id, day) as whole
      from steps
    ),
    changes as (
      select organisation_id, day, greatest(max(delta), 0) as most, max(whole) as whole
      from reached group by organisation_id, day
    ),
    days as (
      -- a day begins with its closing figure less all that changed during it
      select organisation_id, day, closing,
        closing + coalesce(most - whole, 0) as peak,
        lag(closing) over (partition by organisation_id order by day) as before
      from closings left join changes using (organisation_id, day)
    )
    insert into license_days (organisation_id, day, closing, peak)
    select organisation_id, day, closing, greatest(closing, peak) from (
      select days.organisation_id, days.day, days.closing, days.peak, coalesce(days.before, (
        select k.closing from license_days k
        where k.organisation_id = days.organisation_id and k.day < days.day order by k.day desc limit 1)) as before
      from days
    ) compared
    where (before, before) is distinct from (closing, peak)
    order by organisation_id, day
    on conflict (organisation_id, day) do nothing'
  using at;
  update license_days_closed d
  set closed_until = due.today - 1, next_at = license_day_ends(due.today, due.time_zone)
  from (
    select o.id, o.time_zone, (at at time zone o.time_zone)::date as today from organisations o where o.parent_id is null
  ) due
  where due.id = d.root_id and d.next_at <= at;
  get diagnostics closed = row_count;
  return closed;
end $$;

create or replace function license_year_agreed() returns trigger
language plpgsql as $$
begin
  -- nobody becomes active meanwhile, or it would be seen by neither
  lock table license_spans in share row exclusive mode;
  with found as (
    select s.user_id, new.organisation_id as root_id, new.starts_on as year_starts_on, s.organisation_id,
      lower(s.active * datemultirange(daterange(new.starts_on, new.ends_on, '[]'))) as first_on
    from organisation_closure c join license_spans s on s.organisation_id = c.descendant_id
    where c.ancestor_id = new.organisation_id
  ),
  holders as (
    insert into license_holders (user_id, root_id, year_starts_on, organisation_id, first_on)
    select user_id, root_id, year_starts_on, organisation_id, first_on from found where first_on is not null
    returning organisation_id, year_starts_on, first_on
  )
  insert into license_holder_days (organisation_id, year_starts_on, day, holders)
  select organisation_id, year_starts_on, first_on, count(*) from holders
  group by organisation_id, year_starts_on, first_on;
  return null;
end $$;
