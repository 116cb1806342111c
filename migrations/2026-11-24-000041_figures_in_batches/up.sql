-- A bulk change adds up to two sums of an organisation and a day for each of its people, all over the index of such sums. Writing
-- one row for each took an eighth of the change of 100,000 enrolments. Now the sums of such a change are written down as
-- lists, one for each organisation, and housekeeping takes them apart later (license_add_up). Whoever reads license_delta or
-- license_rollup reads both: these are views from now on, so that nobody can forget one.
alter table license_delta rename to license_delta_rows;
alter table license_rollup rename to license_rollup_rows;

create table license_batches (
  organisation_id uuid not null,
  is_below boolean not null, -- the sums of everything below the organisation, or its own
  days date[] not null,
  deltas integer[] not null
);
create index license_batches_organisation on license_batches (organisation_id);

create view license_delta as
  select organisation_id, day, delta from license_delta_rows
  union all
  select b.organisation_id, packed.day, packed.delta
  from license_batches b cross join lateral unnest(b.days, b.deltas) packed (day, delta)
  where not b.is_below;

create view license_rollup as
  select organisation_id, day, delta from license_rollup_rows
  union all
  select b.organisation_id, packed.day, packed.delta
  from license_batches b cross join lateral unnest(b.days, b.deltas) packed (day, delta)
  where b.is_below;

create or replace view license_rollup_expected as
  select c.ancestor_id as organisation_id, d.day, sum(d.delta)::integer as delta
  from license_delta d join organisation_closure c on c.descendant_id = d.organisation_id and c.depth > 0
  group by c.ancestor_id, d.day
  having sum(d.delta) <> 0;

-- From how many sums on they are written down as lists. Of few, a report finds rows faster.
create function license_batch_from() returns integer
language sql immutable parallel safe as $$
  select 1000
$$;

-- As before, but many sums are written down as lists.
create or replace function license_record(organisation_ids uuid[], days date[], deltas integer[]) returns void
language plpgsql as $$
declare
  below constant text := '
    select c.ancestor_id, given.day, sum(given.delta)::integer as delta
    from unnest($1, $2, $3) as given (organisation_id, day, delta)
    join organisation_closure c on c.descendant_id = given.organisation_id and c.depth > 0
    group by c.ancestor_id, given.day
    having sum(given.delta) <> 0';
begin
  if organisation_ids is null then
    return;
  end if;
  -- shared: keeps license_fold from moving the day between the statements, and organisations from being moved
  perform pg_advisory_xact_lock_shared(hashtext('license_base_day'));
  perform pg_advisory_xact_lock_shared(hashtext('organisation_closure'));

  -- these are planned each time: a plan for many organisations is a bad one for a single change, and the other way round
  if cardinality(organisation_ids) >= license_batch_from() then
    execute '
      insert into license_batches (organisation_id, is_below, days, deltas)
      select organisation_id, false, array_agg(day), array_agg(delta)
      from unnest($1, $2, $3) as given (organisation_id, day, delta)
      group by organisation_id
      union all
      select ancestor_id, true, array_agg(day), array_agg(delta) from (' || below || ') below
      group by ancestor_id'
    using organisation_ids, days, deltas;
  else
    insert into license_delta_rows (organisation_id, day, delta)
    select organisation_id, day, delta
    from unnest(organisation_ids, days, deltas) as given (organisation_id, day, delta)
    order by organisation_id, day; -- the index is faster so
    execute 'insert into license_rollup_rows (organisation_id, day, delta) ' || below
    using organisation_ids, days, deltas;
  end if;

  -- in key order, so that two writers wait for each other instead of locking each other out
  insert into license_base as stored (organisation_id, used)
  select organisation_id, sum(delta)
  from unnest(organisation_ids, days, deltas) as given (organisation_id, day, delta)
  where day <= (select b.day from license_base_day b)
  group by organisation_id having sum(delta) <> 0
  order by organisation_id
  on conflict (organisation_id) do update set used = stored.used + excluded.used;
end $$;

-- As before, with the tables by their names.
create or replace function license_rollup_follows() returns trigger
language plpgsql as $$
begin
  insert into license_rollup_rows (organisation_id, day, delta)
  select pairs.ancestor_id, d.day, sum(case tg_op when 'INSERT' then d.delta else -d.delta end)
  from pairs join license_delta d on d.organisation_id = pairs.descendant_id
  where pairs.depth > 0
  group by pairs.ancestor_id, d.day
  having sum(d.delta) <> 0;
  return null;
end $$;

-- As before; lists are taken apart first. Returns how many rows and lists went.
create or replace function license_add_up() returns bigint
language plpgsql as $$
declare
  gone bigint;
  lists bigint;
begin
  -- two at a time would wait for each other's rows
  if not pg_try_advisory_xact_lock(hashtext('license_add_up')) then
    return 0;
  end if;
  with lists as (
    delete from license_batches returning organisation_id, is_below, days, deltas
  ),
  packed as materialized (
    select l.organisation_id, l.is_below, packed.day, packed.delta
    from lists l cross join lateral unnest(l.days, l.deltas) packed (day, delta)
  ),
  own as (
    insert into license_delta_rows (organisation_id, day, delta)
    select organisation_id, day, delta from packed where not is_below order by organisation_id, day
  ),
  below as (
    insert into license_rollup_rows (organisation_id, day, delta)
    select organisation_id, day, delta from packed where is_below order by organisation_id, day
  )
  select count(*) into lists from lists;
  with own as (
    delete from license_delta_rows where (organisation_id, day) in (
      select organisation_id, day from license_delta_rows
      group by organisation_id, day having count(*) > 1 or sum(delta) = 0)
    returning organisation_id, day, delta
  ),
  below as (
    delete from license_rollup_rows where (organisation_id, day) in (
      select organisation_id, day from license_rollup_rows
      group by organisation_id, day having count(*) > 1 or sum(delta) = 0)
    returning organisation_id, day, delta
  ),
  own_sums as (
    insert into license_delta_rows (organisation_id, day, delta)
    select organisation_id, day, sum(delta) from own
    group by organisation_id, day having sum(delta) <> 0 order by organisation_id, day
  ),
  sums_below as (
    insert into license_rollup_rows (organisation_id, day, delta)
    select organisation_id, day, sum(delta) from below
    group by organisation_id, day having sum(delta) <> 0 order by organisation_id, day
  )
  select (select count(*) from own) + (select count(*) from below) into gone;
  return lists + gone;
end $$;

create or replace function license_rebuild() returns void
language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtext('license_base_day'));
  delete from license_spans;
  delete from license_batches;
  delete from license_delta_rows;
  delete from license_base;
  delete from license_rollup_rows;
  insert into license_spans select * from license_spans_expected;
  insert into license_delta_rows select * from license_delta_expected;
  insert into license_rollup_rows select * from license_rollup_expected;
  insert into license_base
  select organisation_id, sum(delta) from license_delta
  where day <= (select b.day from license_base_day b)
  group by organisation_id;
end $$;
