-- As before, but people by the ten thousand cost a third less: each table is read by the array of their ids, whose
-- length the planner knows (it took them for 200), home and expiry come from the statement that locks, and the edges
-- of spans are taken apart by the select list, not by a function scan for each person.
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

-- License_refresh takes a user twice as well as once, so nothing is sorted to find out.
create or replace function license_enrolments_changed() returns trigger
language plpgsql as $$
declare
  touched uuid[];
begin
  case tg_op
    when 'INSERT' then
      select array_agg(distinct user_id) into touched from new_rows;
    when 'DELETE' then
      select array_agg(distinct user_id) into touched from old_rows;
    else
      -- not for a completion, a due date or an access
      execute '
        select array_agg(n.user_id) || array_agg(o.user_id) filter (where o.user_id <> n.user_id)
        from old_rows o join new_rows n using (id)
        where (o.user_id, o.starts_on, o.expires_on) is distinct from (n.user_id, n.starts_on, n.expires_on)'
      into touched;
  end case;
  perform license_refresh(touched);
  return null;
end $$;
