-- License figures are only ever added to. A bulk change of 100,000 people changes up to 200,000 sums of an organisation
-- and a day: adding rows takes a third of the time of changing them where they are, and writers in the same
-- organisation no longer wait for each other. Housekeeping makes one row of the rows of a day (license_add_up); until
-- then a report adds up a few more. No foreign keys: checking them would take longer than writing. What is left of an
-- organisation that is gone adds up to nothing, and goes the next time.
alter table license_delta drop constraint license_delta_pkey, drop constraint license_delta_organisation_id_fkey;
create index license_delta_day on license_delta (organisation_id, day) include (delta);

-- What is coming, for organisations that have others below them: the sums of license_delta over everything below, by day.
-- Without it a chart of 90 days adds up a row for each organisation and day; with it, a few for each day.
create table license_rollup (
  organisation_id uuid not null,
  day date not null,
  delta integer not null
);
create index license_rollup_day on license_rollup (organisation_id, day) include (delta);

-- How an organisation's number of active users, its whole subtree's, changes on the days after one and until another.
-- One SELECT, so that the planner inlines it.
create function license_changes(of_organisation uuid, after_day date, until_day date)
returns table (day date, delta bigint)
language sql stable as $$
  select changes.day, sum(changes.delta)::bigint
  from (
    select d.day, d.delta from license_delta d
    where d.organisation_id = of_organisation and d.day > after_day and d.day <= until_day
    union all
    select r.day, r.delta from license_rollup r
    where r.organisation_id = of_organisation and r.day > after_day and r.day <= until_day
  ) changes
  group by changes.day
$$;

create view license_rollup_expected as
  select c.ancestor_id as organisation_id, d.day, sum(d.delta)::integer as delta
  from license_delta d join organisation_closure c on c.descendant_id = d.organisation_id and c.depth > 0
  group by c.ancestor_id, d.day
  having sum(d.delta) <> 0;

-- Adds to the figures, and to those of the organisations above. That statement is planned each time: a plan for many
-- organisations is a bad one for a single change, and the other way round.
create or replace function license_record(organisation_ids uuid[], days date[], deltas integer[]) returns void
language plpgsql as $$
begin
  if organisation_ids is null then
    return;
  end if;
  -- shared: keeps license_fold from moving the day between the statements, and organisations from being moved
  perform pg_advisory_xact_lock_shared(hashtext('license_base_day'));
  perform pg_advisory_xact_lock_shared(hashtext('organisation_closure'));

  insert into license_delta (organisation_id, day, delta)
  select organisation_id, day, delta
  from unnest(organisation_ids, days, deltas) as given (organisation_id, day, delta)
  order by organisation_id, day; -- the index is faster so

  execute '
    insert into license_rollup (organisation_id, day, delta)
    select c.ancestor_id, given.day, sum(given.delta)
    from unnest($1, $2, $3) as given (organisation_id, day, delta)
    join organisation_closure c on c.descendant_id = given.organisation_id and c.depth > 0
    group by c.ancestor_id, given.day
    having sum(given.delta) <> 0'
  using organisation_ids, days, deltas;

  -- in key order, so that two writers wait for each other instead of locking each other out
  insert into license_base as stored (organisation_id, used)
  select organisation_id, sum(delta)
  from unnest(organisation_ids, days, deltas) as given (organisation_id, day, delta)
  where day <= (select b.day from license_base_day b)
  group by organisation_id having sum(delta) <> 0
  order by organisation_id
  on conflict (organisation_id) do update set used = stored.used + excluded.used;
end $$;

-- An organisation that gets others above it, or no longer has them, brings its days along. Whoever moves organisations
-- holds the lock that license_record shares, and whose days a new organisation has nobody can have written yet.
create function license_rollup_follows() returns trigger
language plpgsql as $$
begin
  insert into license_rollup (organisation_id, day, delta)
  select pairs.ancestor_id, d.day, sum(case tg_op when 'INSERT' then d.delta else -d.delta end)
  from pairs join license_delta d on d.organisation_id = pairs.descendant_id
  where pairs.depth > 0
  group by pairs.ancestor_id, d.day
  having sum(d.delta) <> 0;
  return null;
end $$;
create trigger license_rollup_above after insert on organisation_closure
  referencing new table as pairs for each statement execute function license_rollup_follows();
create trigger license_rollup_not_above after delete on organisation_closure
  referencing old table as pairs for each statement execute function license_rollup_follows();

-- Makes one row of the rows of a day. Right at any moment and beside any writer: what goes is what is added up.
-- Returns how many rows went.
create function license_add_up() returns bigint
language plpgsql as $$
declare
  gone bigint;
begin
  -- two at a time would wait for each other's rows
  if not pg_try_advisory_xact_lock(hashtext('license_add_up')) then
    return 0;
  end if;
  with own as (
    delete from license_delta where (organisation_id, day) in (
      select organisation_id, day from license_delta
      group by organisation_id, day having count(*) > 1 or sum(delta) = 0)
    returning organisation_id, day, delta
  ),
  below as (
    delete from license_rollup where (organisation_id, day) in (
      select organisation_id, day from license_rollup
      group by organisation_id, day having count(*) > 1 or sum(delta) = 0)
    returning organisation_id, day, delta
  ),
  own_sums as (
    insert into license_delta (organisation_id, day, delta)
    select organisation_id, day, sum(delta) from own
    group by organisation_id, day having sum(delta) <> 0 order by organisation_id, day
  ),
  sums_below as (
    insert into license_rollup (organisation_id, day, delta)
    select organisation_id, day, sum(delta) from below
    group by organisation_id, day having sum(delta) <> 0 order by organisation_id, day
  )
  select (select count(*) from own) + (select count(*) from below) into gone;
  return gone;
end $$;

-- Moves the base day forward. False when a writer is busy; the next round does it.
create or replace function license_fold(to_day date) returns boolean
language plpgsql as $$
declare
  from_day date;
begin
  if not pg_try_advisory_xact_lock(hashtext('license_base_day')) then
    return false;
  end if;
  select day into from_day from license_base_day;
  if to_day <= from_day then
    return true;
  end if;
  insert into license_base as stored (organisation_id, used)
  select organisation_id, sum(delta) from license_delta
  where day > from_day and day <= to_day
  group by organisation_id order by organisation_id
  on conflict (organisation_id) do update set used = stored.used + excluded.used;
  update license_base_day set day = to_day;
  return true;
end $$;

-- As before, in less time for many: each person's day is judged once, whoever stays as active as before is not counted,
-- and without a license year nobody is looked up. A row says which transaction it is of, so that this one can tell
-- what it did.
alter table license_log add column tx bigint not null default 0;
alter table license_log alter column tx set default pg_current_xact_id()::text::bigint;

create or replace function license_spans_changed() returns trigger
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
    judged as materialized (
      select c.*, o.root_id as old_root, n.root_id as new_root, o.has_coming_year,
        coalesce(c.old_active @> o.today, false) as was_active,
        coalesce(c.new_active @> n.today, false) as is_active,
        coalesce(c.old_organisation = c.new_organisation, false) as stays
      from changes c
      left join roots o on o.organisation_id = c.old_organisation
      left join roots n on n.organisation_id = c.new_organisation
    ),
    sums as materialized (
      select root_id, organisation_id, today, sum(delta) as delta
      from (
        select old_organisation as organisation_id, -1 as delta from judged
        where was_active and not (is_active and stays)
        union all
        select new_organisation, 1 from judged where is_active and not (was_active and stays)
      ) deltas
      join roots using (organisation_id)
      group by root_id, organisation_id, today having sum(delta) <> 0
    ),
    logged as (
      insert into license_log (root_id, organisation_id, day, at, delta)
      select root_id, organisation_id, today, $1, delta from sums
      union all
      select distinct root_id, root_id, today, $1, 0 from roots
      where organisation_id not in (select organisation_id from sums)
    ),
    years as materialized (
      select roots.*, a.starts_on as year_starts_on, a.ends_on as year_ends_on
      from roots join agreements a on a.organisation_id = roots.root_id and a.ends_on >= roots.today
    ),
    candidates as materialized (
      -- who was active today holds a license of this year for good
      select user_id, new_organisation, new_active from judged
      where exists (select from years)
        and not coalesce(was_active and not has_coming_year and old_root = coalesce(new_root, old_root), false)
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

create or replace function license_rebuild() returns void
language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtext('license_base_day'));
  delete from license_spans;
  delete from license_delta;
  delete from license_base;
  delete from license_rollup;
  insert into license_spans select * from license_spans_expected;
  insert into license_delta select * from license_delta_expected;
  insert into license_rollup select * from license_rollup_expected;
  insert into license_base
  select organisation_id, sum(delta) from license_delta
  where day <= (select b.day from license_base_day b)
  group by organisation_id;
end $$;

insert into license_rollup select * from license_rollup_expected;
