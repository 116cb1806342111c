create extension if not exists pg_trgm;

-- What lists sort by, and what the search looks in. The search text begins with a space, so that
-- '% ab%' finds the beginning of any word by trigrams, however short.
alter table users
  add column name text collate natural_order not null generated always as (first_name || ' ' || last_name) stored,
  add column search_text text not null generated always as
    (' ' || lower(first_name || ' ' || last_name || ' ' || username || ' ' || email)) stored,
  add column signed_in_order timestamptz not null generated always as
    (coalesce(last_signed_in_at, '0001-01-01 00:00+00')) stored;
create index users_name on users (name, id);
create index users_signed_in_order on users (signed_in_order, id);
create index users_search on users using gin (search_text gin_trgm_ops);
create index users_organisation_name on users (organisation_id, name, id);
drop index users_organisation;
create index users_expires_on on users (expires_on) where expires_on is not null;
create index role_grants_role on role_grants (role, user_id);

-- How many people each organisation holds directly, so that a list can tell its total at once.
create table user_counts (
  organisation_id uuid primary key references organisations (id) on delete cascade,
  users bigint not null
);
insert into user_counts
select organisation_id, count(*) from users where organisation_id is not null group by organisation_id;

create function user_counts_record(gained uuid[], lost uuid[]) returns void
language sql as $$
  insert into user_counts as stored (organisation_id, users)
  select organisation_id, sum(change) from (
    select organisation_id, 1 as change from unnest(gained) organisation_id
    union all
    select organisation_id, -1 from unnest(lost) organisation_id
  ) changes
  where organisation_id is not null
  group by organisation_id having sum(change) <> 0
  order by organisation_id
  on conflict (organisation_id) do update set users = stored.users + excluded.users
$$;

create function user_counts_changed() returns trigger
language plpgsql as $$
declare
  gained uuid[];
  lost uuid[];
begin
  case tg_op
    when 'INSERT' then
      select array_agg(organisation_id) into gained from new_rows;
    when 'DELETE' then
      select array_agg(organisation_id) into lost from old_rows;
    else
      -- planned anew each time: one row and many thousand need different plans
      execute '
        select array_agg(n.organisation_id), array_agg(o.organisation_id)
        from old_rows o join new_rows n using (id)
        where o.organisation_id is distinct from n.organisation_id'
      into gained, lost;
  end case;
  if gained is not null or lost is not null then
    perform user_counts_record(gained, lost);
  end if;
  return null;
end $$;
create trigger user_counts_inserted after insert on users
  referencing new table as new_rows for each statement execute function user_counts_changed();
create trigger user_counts_updated after update on users
  referencing old table as old_rows new table as new_rows
  for each statement execute function user_counts_changed();
create trigger user_counts_deleted after delete on users
  referencing old table as old_rows for each statement execute function user_counts_changed();

-- The day in an organisation's tree; in UTC for the vendor's own people, who belong to none.
create function today_in(organisation uuid, at timestamptz) returns date
language sql stable parallel safe as $$
  select (at at time zone coalesce(
    (select root.time_zone
     from organisation_closure c join organisations root on root.id = c.ancestor_id
     where c.descendant_id = organisation and root.parent_id is null),
    'UTC'))::date
$$;

-- The lowest organisation above all of the given ones; null when they are in several trees.
create function common_organisation(organisation_ids uuid[]) returns uuid
language sql stable as $$
  with given as (select distinct id from unnest(organisation_ids) id where id is not null)
  select c.ancestor_id from given g join organisation_closure c on c.descendant_id = g.id
  group by c.ancestor_id having count(*) = (select count(*) from given)
  order by max(c.depth), min(c.depth) limit 1
$$;

-- Somebody's account may be changed by whoever could grant all the roles that it holds.
create function may_be_managed(person uuid, everything boolean, roles text[], within uuid[]) returns boolean
language sql stable as $$
  select everything or not exists (
    select from role_grants g
    where g.user_id = person and not (g.role = any (roles) and exists (
      select from organisation_closure c
      where c.descendant_id = g.organisation_id and c.ancestor_id = any (within))))
$$;
