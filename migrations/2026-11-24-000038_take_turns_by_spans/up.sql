-- Whoever changes what makes people active takes turns with others by a row for each of them, so far the one in users. In
-- a large deployment that is most of the work: 100,000 of them are on nearly every page of a table that is ten times as
-- wide as license_spans, and each such page is written for the lock alone. Now everybody has a row in license_spans, also
-- who is not active, and its lock is the turn. With the account's last day in it, a change of enrolments no longer
-- reads users at all.
lock table users, enrolments, license_spans in share row exclusive mode;

alter table license_spans
  drop constraint license_spans_active_check,
  alter column organisation_id drop not null, -- the home organisation, which the vendor's own people do not have
  alter column active drop not null, -- null: on no day
  add column expires_on date, -- the account's last day
  add constraint whoever_is_active_is_counted_somewhere check (
    active is null or (organisation_id is not null and not isempty(active)));

create or replace view license_spans_expected as
  select user_id, organisation_id, nullif(active, '{}') as active, expires_on from (
    select u.id as user_id, u.organisation_id, u.expires_on,
      case when u.organisation_id is not null then
        range_agg(license_span(e.starts_on, e.expires_on)) filter (where e.id is not null) * license_lifetime(u.expires_on)
      end as active
    from users u left join enrolments e on e.user_id = u.id
    group by u.id
  ) spans;

-- As before, for rows that may have no active days.
create or replace function license_spans_changed() returns trigger
language plpgsql as $$
declare
  changes text := case tg_op
    when 'INSERT' then
      'select user_id, null::uuid as old_organisation, null::datemultirange as old_active,
         organisation_id as new_organisation, active as new_active from new_rows where active is not null'
    when 'DELETE' then
      'select user_id, organisation_id as old_organisation, active as old_active,
         null::uuid as new_organisation, null::datemultirange as new_active from old_rows where active is not null'
    else
      'select * from (
         select user_id, case when o.active is not null then o.organisation_id end as old_organisation, o.active as old_active,
           case when n.active is not null then n.organisation_id end as new_organisation, n.active as new_active
         from old_rows o join new_rows n using (user_id)
       ) rows
       where (old_organisation, old_active) is distinct from (new_organisation, new_active)'
  end;
  people bigint;
begin
  case tg_op
    when 'INSERT' then select count(active) into people from new_rows;
    when 'DELETE' then select count(active) into people from old_rows;
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

-- Brings the figures of some users up to date: what they are counted as is compared with what their home, the account's
-- last day and the enrolments say. Homes and last days are those that are stored, or the given ones of the same users, each
-- once. Statements are planned anew each time: a plan that was kept for a bulk change would make the next change of a
-- single row hundreds of times slower. A limit that is never reached tells the planner how many people it is about.
create function license_recount(user_ids uuid[], new_homes uuid[], new_expiries date[]) returns void
language plpgsql as $$
declare
  given constant text := case when new_homes is null then '
      select *, organisation_id as old_organisation, expires_on as old_expiry, active as old_active
      from unnest($1, $2, $3, $4) stored (user_id, organisation_id, expires_on, active)'
    else '
      select user_id, new.organisation_id, new.expires_on,
        old.organisation_id as old_organisation, old.expires_on as old_expiry, old.active as old_active
      from unnest($1, $2, $3, $4) old (user_id, organisation_id, expires_on, active)
      join unnest($5, $6, $7) new (user_id, organisation_id, expires_on) using (user_id)'
    end;
  ids uuid[];
  homes uuid[];
  expiries date[];
  actives datemultirange[];
  is_our_turn boolean;
begin
  if user_ids is null then
    return;
  end if;
  -- With one snapshot for the whole transaction, what other writers commit would stay unseen.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'license figures are kept under READ COMMITTED only'
      using errcode = 'invalid_transaction_state';
  end if;
  -- Whoever changes many has taken the turn before: then the rows are locked as they are.
  if cardinality(user_ids) > 1000 then
    execute '
      select array_agg(user_id), array_agg(organisation_id), array_agg(expires_on), array_agg(active),
        bool_and(xmax = pg_current_xact_id()::xid)
      from license_spans where user_id = any ($1)'
    into ids, homes, expiries, actives, is_our_turn using user_ids;
  end if;
  if is_our_turn is not true then
    -- One writer at a time for a user, in key order. A statement of its own: the next one then
    -- sees what the writer before has committed.
    execute '
      select array_agg(user_id), array_agg(organisation_id), array_agg(expires_on), array_agg(active) from (
        select user_id, organisation_id, expires_on, active from license_spans
        where user_id = any ($1) order by user_id for no key update
      ) locked'
    into ids, homes, expiries, actives using user_ids;
  end if;

  execute '
    with given as (' || given || '),
    live as (
      select user_id, range_agg(license_span(starts_on, expires_on)) as spans
      from enrolments where user_id = any ($1) group by user_id
    ),
    computed as (
      select user_id, organisation_id, expires_on, old_organisation, old_expiry, old_active,
        case when organisation_id is not null then nullif(
          case when expires_on is null then spans else spans * license_lifetime(expires_on) end, ''{}'')
        end as new_active
      from given left join live using (user_id)
    ),
    changed as materialized (
      select user_id, organisation_id, expires_on, coalesce(new_active, ''{}'') as active,
        old_organisation, coalesce(old_active, ''{}'') as old_active, old_organisation = organisation_id as stays
      from computed
      where (old_organisation, old_expiry, old_active) is distinct from (organisation_id, expires_on, new_active)
      limit cardinality($1)
    ),
    written as (
      update license_spans s
      set organisation_id = c.organisation_id, active = nullif(c.active, ''{}''), expires_on = c.expires_on
      from changed c where s.user_id = c.user_id and s.user_id = any ($1)
    ),
    spans (organisation_id, span, sign) as (
      -- of somebody who stays, only the days that are gained and lost
      select organisation_id, unnest(case when stays then active - old_active else active end), 1
      from changed
      union all
      select old_organisation, unnest(case when stays then old_active - active else old_active end), -1
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
  using ids, homes, expiries, actives, user_ids, new_homes, new_expiries;
end $$;

-- After a change of enrolments. People who are gone have no row, and no figures.
create or replace function license_refresh(user_ids uuid[]) returns void
language plpgsql as $$
begin
  perform license_recount(user_ids, null, null);
end $$;

-- Somebody who is new, whose home or last day changes, or who goes. Of people who go the row tells where the license
-- goes back to.
create or replace function license_users_changed() returns trigger
language plpgsql as $$
declare
  ids uuid[];
  homes uuid[];
  expiries date[];
  is_enrolled boolean;
begin
  case tg_op
    when 'INSERT' then
      insert into license_spans (user_id, organisation_id, expires_on)
      select id, organisation_id, expires_on from new_rows;
      -- one statement can do both, in either order
      select array_agg(id) into ids from new_rows;
      execute 'select exists (select from enrolments where user_id = any ($1))' into is_enrolled using ids;
      if is_enrolled then
        perform license_refresh(ids);
      end if;
    when 'DELETE' then
      select array_agg(id), array_agg(null::uuid), array_agg(null::date) into ids, homes, expiries from old_rows;
      perform license_recount(ids, homes, expiries);
      delete from license_spans where user_id = any (ids);
    else
      execute '
        select array_agg(id), array_agg(n.organisation_id), array_agg(n.expires_on)
        from old_rows o join new_rows n using (id)
        where (o.organisation_id, o.expires_on) is distinct from (n.organisation_id, n.expires_on)'
      into ids, homes, expiries;
      perform license_recount(ids, homes, expiries);
  end case;
  return null;
end $$;
create trigger license_users_inserted after insert on users
  referencing new table as new_rows
  for each statement execute function license_users_changed();

insert into license_spans (user_id, organisation_id, expires_on)
select u.id, u.organisation_id, u.expires_on
from users u left join license_spans s on s.user_id = u.id where s.user_id is null;
update license_spans s set expires_on = u.expires_on
from users u where u.id = s.user_id and u.expires_on is not null and s.active is not null;
