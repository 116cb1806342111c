-- License figures. A user is active on the days on which the account is not expired and an
-- enrolment is live. Merged into spans, that is +1 on a span's first day and -1 on the day
-- after its last, in the user's home organisation. The sum up to a day is the organisation's
-- own number of active users on that day; over a subtree, the number that the report shows.
-- It is right for every day, past and coming, without any job.
create table license_delta (
  organisation_id uuid not null references organisations (id) on delete cascade,
  day date not null,
  delta integer not null,
  primary key (organisation_id, day)
);

-- What of each user is in license_delta: the home organisation and the days of being active.
-- A change compares this with what the enrolments say now and adds the difference, so it does
-- not matter which statements, triggers or cascades led here, or in which order. No foreign
-- key to users: the row of a deleted user is what tells where the license goes back to.
create table license_spans (
  user_id uuid primary key,
  organisation_id uuid not null,
  active datemultirange not null check (not isempty(active))
) with (fillfactor = 80);

-- The sum of an organisation's deltas up to license_base_day, so that a report reads only the
-- few days between that day and the day it asks for. Moving the day forward (license_fold)
-- is housekeeping: it changes the cost of a report, never its figures.
create table license_base (
  organisation_id uuid primary key references organisations (id) on delete cascade,
  used integer not null
);
create table license_base_day (
  id boolean primary key default true check (id),
  day date not null
);
insert into license_base_day (day) values ('1900-01-01');

-- Active users held directly by each organisation of a subtree on a day.
-- One SELECT, so that the planner inlines it.
create function license_used_in(subtree_of uuid, on_day date)
returns table (organisation_id uuid, used bigint)
language sql stable as $$
  select c.descendant_id, coalesce(b.used, 0) + coalesce(since.delta, 0)
  from organisation_closure c
  cross join license_base_day base
  left join license_base b on b.organisation_id = c.descendant_id
  left join lateral (
    select sum(case when d.day > base.day then d.delta else -d.delta end) as delta
    from license_delta d
    where base.day <> on_day -- usually they are the same, and nothing is looked up
      and d.organisation_id = c.descendant_id
      and d.day > least(base.day, on_day) and d.day <= greatest(base.day, on_day)
  ) since on true
  where c.ancestor_id = subtree_of
$$;

-- Adds to the figures. Rows are written in key order, so that two writers wait for each
-- other instead of locking each other out.
create function license_record(organisation_ids uuid[], days date[], deltas integer[]) returns void
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

-- Moves the base day forward. False when a writer is busy; the next round does it.
create function license_fold(to_day date) returns boolean
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

-- The days on which an enrolment is live; empty when it ends before it starts.
create function license_span(starts_on date, expires_on date) returns daterange
language sql immutable parallel safe as $$
  select case when expires_on < starts_on then 'empty'::daterange
              else daterange(starts_on, expires_on, '[]') end
$$;

-- The days on which an account has not expired.
create function license_lifetime(expires_on date) returns datemultirange
language sql immutable parallel safe as $$
  select datemultirange(daterange(null, expires_on, '[]'))
$$;

-- Where active days begin (+1) and end (-1), the other way round for days that are taken back.
create function license_edges(active datemultirange, sign integer)
returns table (day date, delta integer)
language sql immutable parallel safe as $$
  select lower(span), sign from unnest(active) span
  union all
  select upper(span), -sign from unnest(active) span where not upper_inf(span)
$$;

-- From the definition, for all users at once: what license_spans and license_delta should hold.
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

-- Brings the figures of some users up to date. Both statements run through EXECUTE: a plan that
-- was cached for a bulk change would make the next change of a single row hundreds of times slower.
create function license_refresh(user_ids uuid[]) returns void
language plpgsql as $$
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
  -- sees what the writer before has committed.
  execute 'select 1 from users where id = any ($1) order by id for no key update' using user_ids;

  execute '
    with touched as materialized (
      select distinct id as user_id from unnest($1) id
    ),
    computed as (
      select user_id, organisation_id, active from (
        select u.id as user_id, u.organisation_id,
          range_agg(license_span(e.starts_on, e.expires_on)) * license_lifetime(u.expires_on) as active
        from touched t join users u on u.id = t.user_id join enrolments e on e.user_id = u.id
        where u.organisation_id is not null
        group by u.id
      ) spans
      where not isempty(active)
    ),
    changed as materialized (
      select user_id,
        stored.organisation_id as old_organisation, stored.active as old_active,
        computed.organisation_id as new_organisation, computed.active as new_active
      from touched
      left join license_spans stored using (user_id)
      left join computed using (user_id)
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
    edges (organisation_id, day, delta) as (
      select new_organisation, edge.day, edge.delta from changed, license_edges(new_active, 1) edge
      union all
      select old_organisation, edge.day, edge.delta from changed, license_edges(old_active, -1) edge
    ),
    sums as (
      select organisation_id, day, sum(delta)::integer as delta from edges
      group by organisation_id, day having sum(delta) <> 0
    )
    select license_record(array_agg(organisation_id), array_agg(day), array_agg(delta)) from sums'
  using user_ids;
end $$;

-- Recomputes all of it, for bulk loads that switch the triggers off.
create function license_rebuild() returns void
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

create function license_enrolments_changed() returns trigger
language plpgsql as $$
begin
  case tg_op
    when 'INSERT' then
      perform license_refresh((select array_agg(distinct user_id) from new_rows));
    when 'DELETE' then
      perform license_refresh((select array_agg(distinct user_id) from old_rows));
    else
      -- not for a completion, a due date or an access
      perform license_refresh((
        select array_agg(distinct touched.user_id)
        from old_rows o join new_rows n using (id)
        cross join lateral (values (o.user_id), (n.user_id)) touched (user_id)
        where (o.user_id, o.starts_on, o.expires_on) is distinct from (n.user_id, n.starts_on, n.expires_on)));
  end case;
  return null;
end $$;
create trigger license_enrolments_inserted after insert on enrolments
  referencing new table as new_rows
  for each statement execute function license_enrolments_changed();
create trigger license_enrolments_updated after update on enrolments
  referencing old table as old_rows new table as new_rows
  for each statement execute function license_enrolments_changed();
create trigger license_enrolments_deleted after delete on enrolments
  referencing old table as old_rows
  for each statement execute function license_enrolments_changed();

-- An account's expiry, its home organisation, its end.
create function license_users_changed() returns trigger
language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    perform license_refresh((select array_agg(id) from old_rows));
  else
    perform license_refresh((
      select array_agg(id) from old_rows o join new_rows n using (id)
      where (o.organisation_id, o.expires_on) is distinct from (n.organisation_id, n.expires_on)));
  end if;
  return null;
end $$;
create trigger license_users_updated after update on users
  referencing old table as old_rows new table as new_rows
  for each statement execute function license_users_changed();
create trigger license_users_deleted after delete on users
  referencing old table as old_rows
  for each statement execute function license_users_changed();

-- TRUNCATE tells no rows; but without enrolments nobody is active.
create function license_enrolments_truncated() returns trigger
language plpgsql as $$
begin
  perform license_rebuild();
  return null;
end $$;
create trigger license_enrolments_truncated after truncate on enrolments
  for each statement execute function license_enrolments_truncated();
