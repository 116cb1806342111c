-- What is coming, for organisations that have others below them: the sums of license_delta over everything below, by day.
-- Without it a chart of 90 days adds up a row for each organisation and day; with it, a few for each day.
-- Rows are only ever added, so that writers in different parts of a tree do not wait for each other at its root;
-- housekeeping adds them up (license_rollup_fold). No foreign key: checking it would take longer than writing. What is
-- left of an organisation that is gone adds up to nothing, and goes with the next fold.
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

-- As before, and what it means for the organisations above. That statement is planned each time: a plan for many
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

  insert into license_delta as stored (organisation_id, day, delta)
  select organisation_id, day, delta
  from unnest(organisation_ids, days, deltas) as given (organisation_id, day, delta)
  order by organisation_id, day
  on conflict (organisation_id, day) do update set delta = stored.delta + excluded.delta;

  execute '
    insert into license_rollup (organisation_id, day, delta)
    select c.ancestor_id, given.day, sum(given.delta)
    from unnest($1, $2, $3) as given (organisation_id, day, delta)
    join organisation_closure c on c.descendant_id = given.organisation_id and c.depth > 0
    group by c.ancestor_id, given.day
    having sum(given.delta) <> 0'
  using organisation_ids, days, deltas;

  insert into license_base as stored (organisation_id, used)
  select organisation_id, sum(delta)
  from unnest(organisation_ids, days, deltas) as given (organisation_id, day, delta)
  where day <= (select b.day from license_base_day b)
  group by organisation_id
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
create function license_rollup_fold() returns bigint
language sql as $$
  with gone as (
    delete from license_rollup where (organisation_id, day) in (
      select organisation_id, day from license_rollup
      group by organisation_id, day having count(*) > 1 or sum(delta) = 0)
    returning organisation_id, day, delta
  ),
  folded as (
    insert into license_rollup (organisation_id, day, delta)
    select organisation_id, day, sum(delta) from gone
    group by organisation_id, day having sum(delta) <> 0
  )
  select count(*) from gone
$$;

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
