-- as it was before
drop trigger license_homes_will_change on users;
drop trigger license_homes_have_changed on users;
drop function license_homes_change();
create or replace function license_recount(user_ids uuid[], new_homes uuid[], new_expiries date[]) returns void
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
