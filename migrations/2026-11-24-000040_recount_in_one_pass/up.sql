-- A statement that gives somebody a new home and changes what they are enrolled in has both behind it when the first of its
-- triggers counts again. Where that is the one of the enrolments, what is stored of the home is no longer so: they were taken
-- for active in their former home, and held a license there for good. So it is noted that homes or last days are changing.
create function license_homes_change() returns trigger
language plpgsql as $$
begin
  perform set_config('headroom.homes_change', case tg_when when 'BEFORE' then 'on' else '' end, true);
  return null;
end $$;
create trigger license_homes_will_change before update of organisation_id, expires_on on users
  for each statement execute function license_homes_change();
create trigger license_homes_have_changed after update of organisation_id, expires_on on users
  for each statement execute function license_homes_change();

-- As before, but one statement reads what people are counted as, compares it and writes it where it was found. Before, it was
-- read into arrays first, and looked up again to be written.
-- Homes and last days are those that are stored, or the given ones of the same users, each once. Statements are planned anew
-- each time: a plan that was kept for a bulk change would make the next change of a single row hundreds of times slower. A
-- limit that is never reached tells the planner how many people it is about.
create or replace function license_recount(user_ids uuid[], new_homes uuid[], new_expiries date[]) returns void
language plpgsql as $$
declare
  given constant text := case
    when new_homes is not null then '(
      select place, user_id, new.organisation_id, new.expires_on, old_organisation, old_expiry, old_active
      from stored join unnest($1, $3, $4) new (user_id, organisation_id, expires_on) using (user_id))'
    when current_setting('headroom.homes_change', true) = 'on' then '(
      select place, user_id, u.organisation_id, u.expires_on, old_organisation, old_expiry, old_active
      from stored join users u on u.id = stored.user_id)'
    else 'stored' end;
  has_turn boolean;
  is_done boolean;
  people bigint;
begin
  if user_ids is null then
    return;
  end if;
  -- With one snapshot for the whole transaction, what other writers commit would stay unseen.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'license figures are kept under READ COMMITTED only'
      using errcode = 'invalid_transaction_state';
  end if;
  -- Whoever changes many has taken the turn before: their rows were locked or written by this transaction. Where that is
  -- not so, nothing is done at first.
  has_turn := cardinality(user_ids) <= 1000;
  loop
    if has_turn then
      -- One writer at a time for a user, in key order. A statement of its own: the next one then
      -- sees what the writer before has committed.
      execute '
        select count(*) from (
          select from license_spans where user_id = any ($1) order by user_id for no key update
        ) locked'
      into people using user_ids;
    end if;
    execute '
    with stored as materialized (
      select ctid as place, user_id, organisation_id, expires_on,
        $2 or pg_current_xact_id()::xid in (xmin, xmax) as is_our_turn, organisation_id as old_organisation, expires_on as old_expiry, active as old_active
      from license_spans where user_id = any ($1)
    ),
    live as (
      select user_id, range_agg(license_span(starts_on, expires_on)) as spans
      from enrolments where user_id = any ($1) group by user_id
    ),
    computed as (
      select place, user_id, given.organisation_id, given.expires_on, old_organisation, old_expiry, old_active,
        case when given.organisation_id is not null then nullif(
          case when given.expires_on is null then spans else spans * license_lifetime(given.expires_on) end, ''{}'')
        end as new_active
      from ' || given || ' given left join live using (user_id)
      where (select bool_and(is_our_turn) from stored)
    ),
    changed as materialized (
      select place, user_id, organisation_id, expires_on, coalesce(new_active, ''{}'') as active,
        old_organisation, coalesce(old_active, ''{}'') as old_active, old_organisation = organisation_id as stays
      from computed
      where (old_organisation, old_expiry, old_active) is distinct from (organisation_id, expires_on, new_active)
      limit cardinality($1)
    ),
    written as (
      update license_spans s
      set organisation_id = c.organisation_id, active = nullif(c.active, ''{}''), expires_on = c.expires_on
      from changed c where s.ctid = c.place
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
    ),
    recorded as materialized (
      select license_record(array_agg(organisation_id), array_agg(day), array_agg(delta)) from sums
    )
    select (select bool_and(is_our_turn) from stored) from recorded'
    into is_done using user_ids, has_turn, new_homes, new_expiries;
    exit when is_done is distinct from false; -- null: nobody has a row
    has_turn := true;
  end loop;
end $$;
