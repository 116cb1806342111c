drop trigger license_rollup_above on organisation_closure;
drop trigger license_rollup_not_above on organisation_closure;
drop function license_rollup_follows();
drop function license_changes(uuid, date, date);
drop view license_rollup_expected;

-- one row a day again, and none of organisations that are gone
select license_add_up();
delete from license_delta where organisation_id not in (select id from organisations);
drop index license_delta_day;
alter table license_delta add primary key (organisation_id, day),
  add foreign key (organisation_id) references organisations (id) on delete cascade;
drop function license_add_up();

create or replace function license_record(organisation_ids uuid[], days date[], deltas integer[]) returns void
language plpgsql as $$
begin
  if organisation_ids is null then
    return;
  end if;
  -- shared: keeps license_fold from moving the day between the two statements
  perform pg_advisory_xact_lock_shared(hashtext('license_base_day'));

  insert into license_delta as stored (organisation_id, day, delta)
  select organisation_id, day, delta
  from unnest(organisation_ids, days, deltas) as given (organisation_id, day, delta)
  order by organisation_id, day
  on conflict (organisation_id, day) do update set delta = stored.delta + excluded.delta;

  insert into license_base as stored (organisation_id, used)
  select organisation_id, sum(delta)
  from unnest(organisation_ids, days, deltas) as given (organisation_id, day, delta)
  where day <= (select b.day from license_base_day b)
  group by organisation_id
  order by organisation_id
  on conflict (organisation_id) do update set used = stored.used + excluded.used;
end $$;

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
  delete from license_delta where delta = 0 and day <= to_day;
  return true;
end $$;

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

create or replace function license_rebuild() returns void
language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtext('license_base_day'));
  delete from license_spans;
  delete from license_delta;
  delete from license_base;
  insert into license_spans select * from license_spans_expected;
  insert into license_delta select * from license_delta_expected;
  insert into license_base
  select organisation_id, sum(delta) from license_delta
  where day <= (select b.day from license_base_day b)
  group by organisation_id;
end $$;

alter table license_log drop column tx;
drop table license_rollup;
