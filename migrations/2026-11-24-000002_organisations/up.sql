create table organisations (
  id uuid primary key default uuid_v7(),
  parent_id uuid references organisations (id) on delete restrict,
  name text not null check (
    length(name) between 1 and 200 and name = btrim(name) and name !~ '[[:cntrl:]]'
    and position(' > ' in name) = 0 -- joins the names of a path
  ),
  -- null: draws on the pool of the nearest ancestor that has a limit
  user_limit integer check (user_limit >= 0),
  -- IANA name; a tree has one calendar, its root's. timezone() refuses unknown names.
  time_zone text check (time_zone is null or timezone(time_zone, timestamptz 'epoch') is not null),
  created_at timestamptz not null default now(),
  check (parent_id <> id),
  constraint only_roots_have_a_time_zone check ((parent_id is null) = (time_zone is not null))
);
create unique index organisations_root_name on organisations (name) where parent_id is null;
create unique index organisations_child_name on organisations (parent_id, name) where parent_id is not null;

-- Every pair of an organisation and one of its ancestors; itself at depth 0.
create table organisation_closure (
  ancestor_id uuid not null references organisations (id) on delete cascade,
  descendant_id uuid not null references organisations (id) on delete cascade,
  depth integer not null check (depth >= 0),
  primary key (ancestor_id, descendant_id)
);
create index organisation_closure_descendant on organisation_closure (descendant_id, depth);

-- Walks up from the given organisations and writes their pairs. Shared by insert and move.
-- The walk stops where it meets a pair again, and that pair then breaks the primary key.
create function organisation_closure_write(organisation_ids uuid[]) returns void
language plpgsql as $$
begin
  insert into organisation_closure (ancestor_id, descendant_id, depth)
  with recursive up (ancestor_id, descendant_id, depth) as (
    select id, id, 0 from unnest(organisation_ids) as given (id)
    union all
    select o.parent_id, up.descendant_id, up.depth + 1
    from up join organisations o on o.id = up.ancestor_id
    where o.parent_id is not null
  ) cycle ancestor_id, descendant_id set is_cycle using path
  select ancestor_id, descendant_id, depth from up;
exception when unique_violation then
  raise exception 'an organisation cannot be its own ancestor'
    using errcode = 'check_violation', constraint = 'organisations_form_a_tree';
end $$;

create function organisations_inserted() returns trigger
language plpgsql as $$
begin
  -- shared: inserts do not disturb each other, a move waits for them and they for it
  perform pg_advisory_xact_lock_shared(hashtext('organisation_closure'));
  perform organisation_closure_write((select array_agg(id) from new_rows));
  return null;
end $$;
create trigger organisations_inserted after insert on organisations
  referencing new table as new_rows for each statement execute function organisations_inserted();

create function organisations_moved() returns trigger
language plpgsql as $$
declare
  subtree uuid[];
begin
  if not exists (
    select from old_rows o join new_rows n using (id) where o.parent_id is distinct from n.parent_id
  ) then
    return null;
  end if;
  perform pg_advisory_xact_lock(hashtext('organisation_closure'));
  select array_agg(distinct c.descendant_id) into subtree
  from old_rows o join new_rows n using (id)
  join organisation_closure c on c.ancestor_id = o.id
  where o.parent_id is distinct from n.parent_id;

  delete from organisation_closure where descendant_id = any (subtree);
  perform organisation_closure_write(subtree);
  return null;
end $$;
create trigger organisations_moved after update on organisations
  referencing old table as old_rows new table as new_rows
  for each statement execute function organisations_moved();

-- Every limit that was ever in force, and from when: the license year's capacity follows the highest.
create table user_limit_changes (
  id uuid primary key default uuid_v7(),
  organisation_id uuid not null references organisations (id) on delete cascade,
  changed_at timestamptz not null default now(),
  user_limit integer
);
create index user_limit_changes_organisation on user_limit_changes (organisation_id, changed_at);

create function user_limit_changed() returns trigger
language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into user_limit_changes (organisation_id, user_limit)
    select id, user_limit from new_rows where user_limit is not null;
  else
    insert into user_limit_changes (organisation_id, user_limit)
    select n.id, n.user_limit from new_rows n join old_rows o using (id)
    where n.user_limit is distinct from o.user_limit;
  end if;
  return null;
end $$;
create trigger user_limit_set after insert on organisations
  referencing new table as new_rows for each statement execute function user_limit_changed();
create trigger user_limit_changed after update on organisations
  referencing old table as old_rows new table as new_rows
  for each statement execute function user_limit_changed();
