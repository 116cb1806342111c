-- as it was before
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
