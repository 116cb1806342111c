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
drop function license_take_apart(integer);
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

create or replace function license_close_days(at timestamptz) returns bigint
language plpgsql as $$
declare
  organisation_ids uuid[];
  days date[];
  closings integer[];
  peaks integer[];
  closed bigint;
begin
  if not exists (select from license_days_closed where next_at <= at) then
    return 0;
  end if;
  -- one at a time for a tree; whoever waited finds nothing left to do
  perform from license_days_closed where next_at <= at order by root_id for update;
  -- all is read before anything is written: a plan for a small table would read what it has written again and again
  execute '
    with due as materialized (
      select d.root_id, d.closed_until + 1 as first_day, ($1 at time zone o.time_zone)::date - 1 as last_day,
        d.begins_on = d.closed_until + 1 as begins
      from license_days_closed d join organisations o on o.id = d.root_id
      where d.next_at <= $1
    ),
    happened as materialized (
      select due.root_id, l.organisation_id, greatest(l.day, due.first_day) as day, l.at, l.delta,
        l.day >= due.first_day as is_on_time
      from due join license_log l on l.root_id = due.root_id and l.day between due.first_day - 1 and due.last_day
    ),
    whole as (
      select root_id, first_day as day, true as begins from due where begins
      union all
      select distinct root_id, day, false from happened where delta = 0
    ),
    changed as (
      select organisation_id, day, false as begins from happened where delta <> 0
      union all
      select c.descendant_id, d.day, false
      from due
      join organisation_closure c on c.ancestor_id = due.root_id
      join license_delta d on d.organisation_id = c.descendant_id and d.day between due.first_day and due.last_day and d.delta <> 0
    ),
    touched as materialized (
      select organisation_id, day, bool_or(begins) as begins
      from (
        select c.ancestor_id as organisation_id, changed.day, changed.begins
        from changed join organisation_closure c on c.descendant_id = changed.organisation_id
        union all
        select c.descendant_id, whole.day, whole.begins
        from whole join organisation_closure c on c.ancestor_id = whole.root_id
      ) found
      group by organisation_id, day
    ),
    own as materialized (
      select used.organisation_id, touched.day, used.used
      from touched join due on due.root_id = touched.organisation_id
      cross join lateral license_used_in(touched.organisation_id, touched.day) used
    ),
    closings as (
      select touched.organisation_id, touched.day, touched.begins, sum(own.used) as closing
      from own join organisation_closure c on c.descendant_id = own.organisation_id
      join touched on touched.organisation_id = c.ancestor_id and touched.day = own.day
      group by touched.organisation_id, touched.day, touched.begins
    ),
    steps as (
      select c.ancestor_id as organisation_id, h.day, h.at, sum(h.delta) as delta
      from happened h join organisation_closure c on c.descendant_id = h.organisation_id
      where h.is_on_time and h.delta <> 0
      group by c.ancestor_id, h.day, h.at
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
      select organisation_id, day, begins, closing, closing + coalesce(greatest(most - whole, 0), 0) as peak,
        lag(closing) over (partition by organisation_id order by day) as before
      from closings left join changes using (organisation_id, day)
    )
    select array_agg(organisation_id), array_agg(day), array_agg(closing), array_agg(peak) from days
    where begins or peak <> closing or closing <> coalesce(before, (
      select k.closing from license_days k
      where k.organisation_id = days.organisation_id and k.day < days.day order by k.day desc limit 1), 0)'
  into organisation_ids, days, closings, peaks using at;
  insert into license_days (organisation_id, day, closing, peak)
  select * from unnest(organisation_ids, days, closings, peaks)
  on conflict (organisation_id, day) do nothing;
  update license_days_closed d
  set closed_until = due.today - 1, next_at = license_day_ends(due.today, due.time_zone)
  from (
    select o.id, o.time_zone, (at at time zone o.time_zone)::date as today from organisations o where o.parent_id is null
  ) due
  where due.id = d.root_id and d.next_at <= at;
  get diagnostics closed = row_count;
  return closed;
end $$;
