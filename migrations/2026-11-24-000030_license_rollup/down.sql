drop trigger license_rollup_above on organisation_closure;
drop trigger license_rollup_not_above on organisation_closure;
drop function license_rollup_follows();
drop function license_rollup_fold();
drop function license_changes(uuid, date, date);
drop view license_rollup_expected;

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

drop table license_rollup;
