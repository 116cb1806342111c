-- A midnight that many trees share: of each tree, only what can have changed is worked out when its day is closed.

-- Closes the days that have ended, of all trees. Returns how many trees that were. A day without a row is like the end of
-- the day before. Looked at are organisations that have a change on that day in license_delta or in the log, and those
-- above them; all of a tree on its first day, and when the log says that other days than its own were changed, since
-- what was scheduled for this day may be in the past now. The last day that was closed is looked at again in the
-- log: a transaction may have begun on it and ended after it was closed.
create or replace function license_close_days(at timestamptz) returns bigint
language plpgsql as $$
declare
  organisation_ids uuid[];
  days date[];
  closings integer[];
  peaks integer[];
  closed bigint;
begin
  if not exists (select from license_days_closed where next_at <= at) then
    return 0;
  end if;
  -- one at a time for a tree; whoever waited finds nothing left to do
  perform from license_days_closed where next_at <= at order by root_id for update;
  -- all is read before anything is written: a plan for a small table would read what it has written again and again
  execute '
    with due as materialized (
      select d.root_id, d.closed_until + 1 as first_day, ($1 at time zone o.time_zone)::date - 1 as last_day,
        d.begins_on = d.closed_until + 1 as begins
      from license_days_closed d join organisations o on o.id = d.root_id
      where d.next_at <= $1
    ),
    happened as materialized (
      select due.root_id, l.organisation_id, greatest(l.day, due.first_day) as day, l.at, l.delta,
        l.day >= due.first_day as is_on_time
      from due join license_log l on l.root_id = due.root_id and l.day between due.first_day - 1 and due.last_day
    ),
    whole as (
      select root_id, first_day as day, true as begins from due where begins
      union all
      select distinct root_id, day, false from happened where delta = 0
    ),
    changed as (
      select organisation_id, day, false as begins from happened where delta <> 0
      union all
      select c.descendant_id, d.day, false
      from due
      join organisation_closure c on c.ancestor_id = due.root_id
      join license_delta d on d.organisation_id = c.descendant_id and d.day between due.first_day and due.last_day and d.delta <> 0
    ),
    touched as materialized (
      select organisation_id, day, bool_or(begins) as begins
      from (
        select c.ancestor_id as organisation_id, changed.day, changed.begins
        from changed join organisation_closure c on c.descendant_id = changed.organisation_id
        union all
        select c.descendant_id, whole.day, whole.begins
        from whole join organisation_closure c on c.ancestor_id = whole.root_id
      ) found
      group by organisation_id, day
    ),
    own as materialized (
      select used.organisation_id, touched.day, used.used
      from touched join due on due.root_id = touched.organisation_id
      cross join lateral license_used_in(touched.organisation_id, touched.day) used
    ),
    closings as (
      select touched.organisation_id, touched.day, touched.begins, sum(own.used) as closing
      from own join organisation_closure c on c.descendant_id = own.organisation_id
      join touched on touched.organisation_id = c.ancestor_id and touched.day = own.day
      group by touched.organisation_id, touched.day, touched.begins
    ),
    steps as (
      select c.ancestor_id as organisation_id, h.day, h.at, sum(h.delta) as delta
      from happened h join organisation_closure c on c.descendant_id = h.organisation_id
      where h.is_on_time and h.delta <> 0
      group by c.ancestor_id, h.day, h.at
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
      select organisation_id, day, begins, closing, closing + coalesce(greatest(most - whole, 0), 0) as peak,
        lag(closing) over (partition by organisation_id order by day) as before
      from closings left join changes using (organisation_id, day)
    )
    select array_agg(organisation_id), array_agg(day), array_agg(closing), array_agg(peak) from days
    where begins or peak <> closing or closing <> coalesce(before, (
      select k.closing from license_days k
      where k.organisation_id = days.organisation_id and k.day < days.day order by k.day desc limit 1), 0)'
  into organisation_ids, days, closings, peaks using at;
  insert into license_days (organisation_id, day, closing, peak)
  select * from unnest(organisation_ids, days, closings, peaks)
  on conflict (organisation_id, day) do nothing;
  update license_days_closed d
  set closed_until = due.today - 1, next_at = license_day_ends(due.today, due.time_zone)
  from (
    select o.id, o.time_zone, (at at time zone o.time_zone)::date as today from organisations o where o.parent_id is null
  ) due
  where due.id = d.root_id and d.next_at <= at;
  get diagnostics closed = row_count;
  return closed;
end $$;

-- The check looks at a root again when something is scheduled for it, or in the log. So what else makes a difference is put
-- into the log: what holds for the whole instance,
create function license_checks_again() returns trigger
language plpgsql as $$
begin
  insert into license_log (root_id, organisation_id, day, at, delta)
  select id, id, (headroom_now() at time zone time_zone)::date, headroom_now(), 0
  from organisations o
  where parent_id is null
    -- business days are counted in overages only
    and (tg_table_name <> 'holidays'
      or exists (select from overages v where v.organisation_id = o.id and v.closed_at is null));
  return null;
end $$;
create trigger warning_percents_changed after update of warning_percents on instance_settings
  for each row when (old.warning_percents is distinct from new.warning_percents) execute function license_checks_again();
create trigger holidays_changed after insert or update or delete or truncate on holidays
  for each statement execute function license_checks_again();

-- the clock that the days of a tree go by,
create function license_time_zone_changed() returns trigger
language plpgsql as $$
begin
  insert into license_log (root_id, organisation_id, day, at, delta)
  values (new.id, new.id, (headroom_now() at time zone new.time_zone)::date, headroom_now(), 0);
  return null;
end $$;
create trigger license_time_zone_changed after update of time_zone on organisations
  for each row when (old.time_zone <> new.time_zone) execute function license_time_zone_changed();

-- and an organisation that moves with everybody in it. Fires after organisations_moved, by its name.
create function organisations_moved_with_users() returns trigger
language plpgsql as $$
begin
  insert into license_log (root_id, organisation_id, day, at, delta)
  select root_id, organisation_id, today, headroom_now(), sum(sign * used)
  from (
    select o.parent_id as organisation_id, n.id as moved, -1 as sign
    from old_rows o join new_rows n using (id)
    where o.parent_id is distinct from n.parent_id and o.parent_id is not null
    union all
    select n.parent_id, n.id, 1
    from old_rows o join new_rows n using (id)
    where o.parent_id is distinct from n.parent_id and n.parent_id is not null
  ) places
  cross join lateral (
    select root.id as root_id, (headroom_now() at time zone root.time_zone)::date as today
    from organisation_closure up join organisations root on root.id = up.ancestor_id and root.parent_id is null
    where up.descendant_id = places.organisation_id
  ) root
  cross join lateral (select sum(own.used) as used from license_used_in(places.moved, root.today) own) used
  group by root_id, organisation_id, today;
  return null;
end $$;
create trigger organisations_moved_with_users after update on organisations
  referencing old table as old_rows new table as new_rows
  for each statement execute function organisations_moved_with_users();

-- Terms that are to come into force are looked for every ten seconds.
create index agreements_coming on agreements (starts_on) where in_force_since is null;

-- A license year that is agreed on: everybody who was or will be active in it, as far as the enrolments still say. The
-- organisation of license_spans has no index, which each change of somebody's days would have to keep; whoever is counted
-- in an organisation is one of its users.
create or replace function license_year_agreed() returns trigger
language plpgsql as $$
begin
  -- nobody becomes active meanwhile, or it would be seen by neither
  lock table license_spans in share row exclusive mode;
  with found as (
    select s.user_id, new.organisation_id as root_id, new.starts_on as year_starts_on, s.organisation_id,
      lower(s.active * datemultirange(daterange(new.starts_on, new.ends_on, '[]'))) as first_on
    from organisation_closure c
    join users u on u.organisation_id = c.descendant_id
    join license_spans s on s.user_id = u.id and s.organisation_id = u.organisation_id
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
