create or replace function license_refresh(user_ids uuid[]) returns void
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
        computed.organisation_id as new_organisation, computed.active as new_active,
        stored.organisation_id = computed.organisation_id as stays
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
      -- of somebody who stays, only the days that are gained and lost
      select new_organisation, edge.day, edge.delta
      from changed, license_edges(case when stays then new_active - old_active else new_active end, 1) edge
      union all
      select old_organisation, edge.day, edge.delta
      from changed, license_edges(case when stays then old_active - new_active else old_active end, -1) edge
    ),
    sums as (
      select organisation_id, day, sum(delta)::integer as delta from edges
      group by organisation_id, day having sum(delta) <> 0
    )
    select license_record(array_agg(organisation_id), array_agg(day), array_agg(delta)) from sums'
  using user_ids;
end $$;
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
        select array_agg(distinct touched.user_id)
        from old_rows o join new_rows n using (id)
        cross join lateral (values (o.user_id), (n.user_id)) touched (user_id)
        where (o.user_id, o.starts_on, o.expires_on) is distinct from (n.user_id, n.starts_on, n.expires_on)'
      into touched;
  end case;
  perform license_refresh(touched);
  return null;
end $$;
