-- as it was before
lock table license_batches in share row exclusive mode;
insert into license_delta_rows
select b.organisation_id, packed.day, packed.delta
from license_batches b cross join lateral unnest(b.days, b.deltas) packed (day, delta) where not b.is_below;
insert into license_rollup_rows
select b.organisation_id, packed.day, packed.delta
from license_batches b cross join lateral unnest(b.days, b.deltas) packed (day, delta) where b.is_below;
drop view license_rollup_expected;
drop view license_delta, license_rollup;
drop table license_batches;
drop function license_batch_from();
alter table license_delta_rows rename to license_delta;
alter table license_rollup_rows rename to license_rollup;

create view license_rollup_expected as
  select c.ancestor_id as organisation_id, d.day, sum(d.delta)::integer as delta
  from license_delta d join organisation_closure c on c.descendant_id = d.organisation_id and c.depth > 0
  group by c.ancestor_id, d.day
  having sum(d.delta) <> 0;

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

create or replace function license_rollup_follows() returns trigger
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

create or replace function license_add_up() returns bigint
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
