-- as it was before
lock table users, enrolments, license_spans in share row exclusive mode;
drop trigger license_users_inserted on users;
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
  people bigint;
begin
  -- each change of somebody's days fires the triggers of all three kinds
  case tg_op
    when 'INSERT' then select count(*) into people from new_rows;
    else select count(*) into people from old_rows;
  end case;
  if people = 0 then
    return null;
  end if;
  execute '
    with changes as materialized (' || changes || ' limit $2),
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
      limit $2
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
      where not exists (select from sums where sums.organisation_id = roots.organisation_id)
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
  using headroom_now(), people;
  return null;
end $$;

create or replace function license_refresh(user_ids uuid[]) returns void
language plpgsql as $$
declare
  ids uuid[];
  homes uuid[];
  expiries date[];
begin
  if user_ids is null then
    return;
  end if;
  -- With one snapshot for the whole transaction, what other writers commit would stay unseen.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'license figures are kept under READ COMMITTED only'
      using errcode = 'invalid_transaction_state';
  end if;
  -- One writer at a time for a user, in key order. A statement of its own: the next one then
  -- sees what the writer before has committed. Whoever is deleted is not among them.
  execute '
    select array_agg(id), array_agg(organisation_id), array_agg(expires_on) from (
      select id, organisation_id, expires_on from users where id = any ($1) order by id for no key update
    ) locked'
  into ids, homes, expiries using user_ids;

  execute '
    with live as (
      select user_id, range_agg(license_span(starts_on, expires_on)) as spans
      from enrolments where user_id = any ($1) group by user_id
    ),
    computed as (
      select user_id, organisation_id, active from (
        select live.user_id, home.organisation_id,
          case when home.expires_on is null then live.spans
               else live.spans * license_lifetime(home.expires_on) end as active
        from unnest($2, $3, $4) home (user_id, organisation_id, expires_on) join live using (user_id)
        where home.organisation_id is not null
      ) spans
      where not isempty(active)
    ),
    changed as materialized (
      select user_id,
        stored.organisation_id as old_organisation, stored.active as old_active,
        computed.organisation_id as new_organisation, computed.active as new_active,
        stored.organisation_id = computed.organisation_id as stays
      from (select user_id, organisation_id, active from license_spans where user_id = any ($1)) stored
      full join computed using (user_id)
      where (stored.organisation_id, stored.active)
        is distinct from (computed.organisation_id, computed.active)
    ),
    written as (
      insert into license_spans (user_id, organisation_id, active)
      select user_id, new_organisation, new_active from changed
      where new_active is not null order by user_id
      on conflict (user_id) do update
        set organisation_id = excluded.organisation_id, active = excluded.active
    ),
    removed as (
      delete from license_spans where user_id in (select user_id from changed where new_active is null)
    ),
    spans (organisation_id, span, sign) as (
      -- of somebody who stays, only the days that are gained and lost
      select new_organisation, unnest(case when stays then new_active - old_active else new_active end), 1
      from changed
      union all
      select old_organisation, unnest(case when stays then old_active - new_active else old_active end), -1
      from changed
    ),
    edges (organisation_id, day, delta) as (
      select organisation_id, lower(span), sign from spans
      union all
      select organisation_id, upper(span), -sign from spans where not upper_inf(span)
    ),
    sums as (
      select organisation_id, day, sum(delta)::integer as delta from edges
      group by organisation_id, day having sum(delta) <> 0
    )
    select license_record(array_agg(organisation_id), array_agg(day), array_agg(delta)) from sums'
  using user_ids, ids, homes, expiries;
end $$;

create or replace function license_users_changed() returns trigger
language plpgsql as $$
declare
  touched uuid[];
begin
  if tg_op = 'DELETE' then
    select array_agg(id) into touched from old_rows;
  else
    execute '
      select array_agg(id) from old_rows o join new_rows n using (id)
      where (o.organisation_id, o.expires_on) is distinct from (n.organisation_id, n.expires_on)'
    into touched;
  end if;
  perform license_refresh(touched);
  return null;
end $$;

drop function license_recount(uuid[], uuid[], date[]);
drop view license_delta_expected, license_rollup_expected, license_spans_expected;
create view license_spans_expected as
  select * from (
    select u.id as user_id, u.organisation_id,
      range_agg(license_span(e.starts_on, e.expires_on)) * license_lifetime(u.expires_on) as active
    from users u join enrolments e on e.user_id = u.id
    where u.organisation_id is not null
    group by u.id
  ) spans
  where not isempty(active);

create view license_delta_expected as
  select organisation_id, edge.day, sum(edge.delta)::integer as delta
  from license_spans_expected, license_edges(active, 1) edge
  group by organisation_id, edge.day
  having sum(edge.delta) <> 0;

create view license_rollup_expected as
  select c.ancestor_id as organisation_id, d.day, sum(d.delta)::integer as delta
  from license_delta d join organisation_closure c on c.descendant_id = d.organisation_id and c.depth > 0
  group by c.ancestor_id, d.day
  having sum(d.delta) <> 0;

delete from license_spans where active is null;
alter table license_spans
  drop constraint whoever_is_active_is_counted_somewhere,
  alter column organisation_id set not null,
  alter column active set not null,
  drop column expires_on,
  add check (not isempty(active));
