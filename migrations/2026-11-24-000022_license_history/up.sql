-- What was: the closing and the peak figure of each day, and who held a license in a license year. None of it can be
-- worked out later, since enrolments are deleted and their dates move into the past. So it is recorded as it
-- happens, from the changes of license_spans, whatever it was that changed them.

-- The moment of a change: when its transaction began, or what a test says.
create function headroom_now() returns timestamptz
language sql stable as $$
  select coalesce(nullif(current_setting('headroom.now', true), '')::timestamptz, now())
$$;

-- What changed the figures, in order of time: the steps of a day, from which its peak is worked out. Only ever added
-- to, so that writers do not wait for each other. `delta` is the change of the organisation's own number of active users
-- on that day; a row of the root with 0 says that some other day changed, or a limit.
create table license_log (
  id bigint generated always as identity primary key,
  root_id uuid not null references organisations (id) on delete cascade,
  organisation_id uuid not null,
  day date not null, -- in the root's time zone
  at timestamptz not null,
  delta integer not null,
  checked boolean not null default false -- the check of limits has seen it
);
create index license_log_of_a_day on license_log (root_id, day, at);
create index license_log_unchecked on license_log (root_id) where not checked;

-- Which days of a tree are closed. A day is closed after its end and before anything else is changed, by the check of limits
-- or by the first writer, whoever comes first; so the figures that a closed day had are still there to be read.
create table license_days_closed (
  root_id uuid primary key references organisations (id) on delete cascade,
  begins_on date not null, -- nothing is known of the days before
  closed_until date not null,
  next_at timestamptz not null -- the end of the day after that
);
create index license_days_closed_next on license_days_closed (next_at);

-- How many users of an organisation's subtree were active at the end of a closed day, and at most during it. A day that
-- is like the end of the day before has no row.
create table license_days (
  organisation_id uuid not null references organisations (id) on delete cascade,
  day date not null,
  closing integer not null,
  peak integer not null check (peak >= closing),
  primary key (organisation_id, day)
);

-- When the day that an organisation is in ends.
create function license_day_ends(day date, time_zone text) returns timestamptz
language sql stable parallel safe as $$
  select (day + 1)::timestamp at time zone time_zone
$$;

-- Closes the days that have ended, of all trees. Returns how many trees that were.
create function license_close_days(at timestamptz) returns bigint
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

create function license_close_due_days() returns trigger
language plpgsql as $$
begin
  if exists (select from license_days_closed where next_at <= headroom_now()) then
    perform license_close_days(headroom_now());
  end if;
  return null;
end $$;
create trigger license_days_end before insert or update of user_id, starts_on, expires_on or delete or truncate on enrolments
  for each statement execute function license_close_due_days();
create trigger license_days_end before update of organisation_id, expires_on or delete on users
  for each statement execute function license_close_due_days();
create trigger license_days_end before update of parent_id, time_zone or delete on organisations
  for each statement execute function license_close_due_days();

-- A root's days are counted from when it was made, and by the clock of its time zone.
create function license_days_begin() returns trigger
language plpgsql as $$
begin
  delete from license_days_closed d using new_rows n where d.root_id = n.id and n.parent_id is not null;
  insert into license_days_closed (root_id, begins_on, closed_until, next_at)
  select id, today, today - 1, license_day_ends(today, time_zone)
  from (
    select id, time_zone, (headroom_now() at time zone time_zone)::date as today from new_rows where parent_id is null
  ) roots
  on conflict (root_id) do update set next_at = license_day_ends(license_days_closed.closed_until + 1, (
    select time_zone from new_rows where id = license_days_closed.root_id));
  return null;
end $$;
create trigger license_days_begin after insert on organisations
  referencing new table as new_rows for each statement execute function license_days_begin();
create trigger license_days_move after update on organisations
  referencing new table as new_rows for each statement execute function license_days_begin();

insert into license_days_closed (root_id, begins_on, closed_until, next_at)
select id, today, today - 1, license_day_ends(today, time_zone)
from (select id, time_zone, (headroom_now() at time zone time_zone)::date as today from organisations where parent_id is null) roots;

-- Who held a license in a license year, and from which day on: the first day on which they were active, or will be by
-- what is scheduled. A day that has come stays, also when the user is deleted; nothing but the key is left then.
create table license_holders (
  user_id uuid not null,
  root_id uuid not null,
  year_starts_on date not null,
  organisation_id uuid not null, -- where they were counted
  first_on date not null,
  primary key (user_id, root_id, year_starts_on)
);
-- How many of them begin on a day; their sum up to a day is the number of holders.
create table license_holder_days (
  organisation_id uuid not null references organisations (id) on delete cascade,
  year_starts_on date not null,
  day date not null,
  holders integer not null,
  primary key (organisation_id, year_starts_on, day)
);

-- What is known of an organisation that goes is its parent's from then on: who held a license in it, and what
-- happened today.
create function license_days_left() returns trigger
language plpgsql as $$
begin
  update license_log l set organisation_id = old.parent_id
  from organisation_closure up join license_days_closed d on d.root_id = up.ancestor_id
  where up.descendant_id = old.id
    and l.root_id = d.root_id and l.day > d.closed_until and l.organisation_id = old.id;
  insert into license_holder_days as stored (organisation_id, year_starts_on, day, holders)
  select old.parent_id, year_starts_on, day, holders from license_holder_days where organisation_id = old.id
  on conflict (organisation_id, year_starts_on, day) do update set holders = stored.holders + excluded.holders;
  update license_holders set organisation_id = old.parent_id where organisation_id = old.id;
  return old;
end $$;
create trigger license_days_left before delete on organisations
  for each row when (old.parent_id is not null) execute function license_days_left();

-- Holders of a tree's license year on a day.
create function license_holders_in(root uuid, year_starts_on date, on_day date) returns bigint
language sql stable as $$
  select coalesce(sum(d.holders), 0)::bigint
  from organisation_closure c join license_holder_days d on d.organisation_id = c.descendant_id
  where c.ancestor_id = $1 and d.year_starts_on = $2 and d.day <= $3
$$;

-- Records what a change of license_spans means. The plan is made anew each time, as in license_refresh.
create function license_spans_changed() returns trigger
language plpgsql as $$
declare
  changes text := case tg_op
    when 'INSERT' then
      'select user_id, null::uuid as old_organisation, null::datemultirange as old_active,
         organisation_id as new_organisation, active as new_active from new_rows'
    when 'DELETE' then
      'select user_id, organisation_id as old_organisation, active as old_active,
         null::uuid as new_organisation, null::datemultirange as new_active from old_rows'
    else
      'select user_id, o.organisation_id as old_organisation, o.active as old_active,
         n.organisation_id as new_organisation, n.active as new_active from old_rows o join new_rows n using (user_id)'
  end;
  is_empty boolean;
begin
  -- each change of somebody's days fires the triggers of all three kinds
  case tg_op
    when 'INSERT' then is_empty := not exists (select from new_rows);
    else is_empty := not exists (select from old_rows);
  end case;
  if is_empty then
    return null;
  end if;
  execute '
    with changes as materialized (' || changes || '),
    roots as materialized (
      select places.organisation_id, root.id as root_id, ($1 at time zone root.time_zone)::date as today,
        exists (
          select from agreements a
          where a.organisation_id = root.id and a.starts_on > ($1 at time zone root.time_zone)::date
        ) as has_coming_year
      from (select old_organisation as organisation_id from changes union select new_organisation from changes) places
      join organisation_closure up on up.descendant_id = places.organisation_id
      join organisations root on root.id = up.ancestor_id and root.parent_id is null
    ),
    deltas as (
      select old_organisation as organisation_id, old_active as active, -1 as delta from changes
      union all
      select new_organisation, new_active, 1 from changes
    ),
    sums as (
      select roots.root_id, organisation_id, roots.today, coalesce(sum(delta) filter (where active @> roots.today), 0) as delta
      from deltas join roots using (organisation_id)
      group by roots.root_id, organisation_id, roots.today
    ),
    logged as (
      insert into license_log (root_id, organisation_id, day, at, delta)
      select distinct root_id, case when delta = 0 then root_id else organisation_id end, today, $1, delta from sums
    ),
    years as materialized (
      select roots.*, a.starts_on as year_starts_on, a.ends_on as year_ends_on
      from roots join agreements a on a.organisation_id = roots.root_id and a.ends_on >= roots.today
    ),
    candidates as materialized (
      -- who was active today holds a license of this year for good
      select c.* from changes c
      left join roots o on o.organisation_id = c.old_organisation
      left join roots n on n.organisation_id = c.new_organisation
      where not coalesce(
        c.old_active @> o.today and not o.has_coming_year and o.root_id = coalesce(n.root_id, o.root_id), false)
    ),
    wanted as materialized (
      select * from (
        select c.user_id, y.root_id, y.year_starts_on, y.organisation_id, lower(
          c.new_active * datemultirange(daterange(greatest(y.year_starts_on, y.today), y.year_ends_on, ''[]''))) as first_on
        from candidates c join years y on y.organisation_id = c.new_organisation
      ) firsts
      where first_on is not null
    ),
    known as materialized (
      select h.*, h.first_on > r.today as is_coming
      from candidates c join license_holders h using (user_id)
      join (select distinct root_id, today from roots) r using (root_id)
    ),
    gained as materialized (
      select w.* from wanted w left join known k using (user_id, root_id, year_starts_on)
      where k.user_id is null
        or (k.is_coming and (k.organisation_id, k.first_on) <> (w.organisation_id, w.first_on))
    ),
    lost as materialized (
      select k.*, w.user_id is null as is_gone from known k left join wanted w using (user_id, root_id, year_starts_on)
      where k.is_coming
        and (w.user_id is null or (k.organisation_id, k.first_on) <> (w.organisation_id, w.first_on))
    ),
    removed as (
      delete from license_holders h using lost
      where lost.is_gone
        and (h.user_id, h.root_id, h.year_starts_on) = (lost.user_id, lost.root_id, lost.year_starts_on)
    ),
    written as (
      insert into license_holders (user_id, root_id, year_starts_on, organisation_id, first_on)
      select user_id, root_id, year_starts_on, organisation_id, first_on from gained
      on conflict (user_id, root_id, year_starts_on) do update
        set organisation_id = excluded.organisation_id, first_on = excluded.first_on
    )
    insert into license_holder_days as stored (organisation_id, year_starts_on, day, holders)
    select organisation_id, year_starts_on, first_on, sum(holders) from (
      select organisation_id, year_starts_on, first_on, 1 as holders from gained
      union all
      select organisation_id, year_starts_on, first_on, -1 from lost
    ) counted
    group by organisation_id, year_starts_on, first_on having sum(holders) <> 0
    order by organisation_id, year_starts_on, first_on
    on conflict (organisation_id, year_starts_on, day) do update set holders = stored.holders + excluded.holders'
  using headroom_now();
  return null;
end $$;
create trigger license_spans_inserted after insert on license_spans
  referencing new table as new_rows for each statement execute function license_spans_changed();
create trigger license_spans_updated after update on license_spans
  referencing old table as old_rows new table as new_rows for each statement execute function license_spans_changed();
create trigger license_spans_deleted after delete on license_spans
  referencing old table as old_rows for each statement execute function license_spans_changed();

-- A license year that is agreed on: everybody who was or will be active in it, as far as the enrolments still say.
create function license_year_agreed() returns trigger
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
create trigger license_year_agreed after insert on agreements
  for each row execute function license_year_agreed();

-- A coming year that is not agreed on after all.
create function license_year_withdrawn() returns trigger
language plpgsql as $$
begin
  delete from license_holder_days d using organisation_closure c
  where c.ancestor_id = old.organisation_id and d.organisation_id = c.descendant_id and d.year_starts_on = old.starts_on;
  delete from license_holders where root_id = old.organisation_id and year_starts_on = old.starts_on;
  return null;
end $$;
create trigger license_year_withdrawn after delete on agreements
  for each row execute function license_year_withdrawn();

-- A license year keeps its days: who held a license in it is counted by them.
create function license_year_is_fixed() returns trigger
language plpgsql as $$
begin
  raise exception 'the days of a license year cannot be changed' using errcode = 'check_violation';
end $$;
create trigger license_year_is_fixed before update of organisation_id, starts_on, ends_on on agreements
  for each row when ((old.organisation_id, old.starts_on, old.ends_on) is distinct from (new.organisation_id, new.starts_on, new.ends_on))
  execute function license_year_is_fixed();

insert into license_holders (user_id, root_id, year_starts_on, organisation_id, first_on)
select * from (
  select s.user_id, a.organisation_id as root_id, a.starts_on as year_starts_on, s.organisation_id,
    lower(s.active * datemultirange(daterange(a.starts_on, a.ends_on, '[]'))) as first_on
  from agreements a join organisation_closure c on c.ancestor_id = a.organisation_id
  join license_spans s on s.organisation_id = c.descendant_id
) found where first_on is not null;
insert into license_holder_days (organisation_id, year_starts_on, day, holders)
select organisation_id, year_starts_on, first_on, count(*) from license_holders group by organisation_id, year_starts_on, first_on;
