-- Whether a plan of an import is still the one that planning again would make: what plans depend on is noted here as it
-- changes, a row for each statement and organisation, and the plan keeps what the database had committed before it was made.
-- Rows are only ever added, so that writers do not wait for each other; housekeeping drops those that no plan needs.
create table import_disturbances (
  -- whose plans are disturbed, those of its ancestors and of its subtree included; null: everybody's. No foreign key: an
  -- organisation may be gone.
  organisation_id uuid,
  -- the transaction, as a number that never comes again in this cluster
  tx bigint not null default pg_current_xact_id()::text::bigint
);
create index import_disturbances_tx on import_disturbances (tx);

-- What the plan was made from besides; null: nothing can be told, and the plan is made again.
alter table imports add premises jsonb;

-- Where people come, go, or are changed in something that a plan reads; not for a sign-in or a new password. Whoever holds
-- a role counts where it is held, too: org admins are protected as long as there is no other one.
create function import_disturbed_by_users() returns trigger
language plpgsql as $$
begin
  case tg_op
    when 'INSERT' then
      insert into import_disturbances (organisation_id)
      select distinct organisation_id from new_rows where organisation_id is not null;
    when 'DELETE' then
      insert into import_disturbances (organisation_id)
      select distinct organisation_id from old_rows where organisation_id is not null;
    else
      -- planned anew each time: one row and many thousand need different plans
      execute '
        with changed as (
          select o.id, o.organisation_id as former, n.organisation_id as present
          from old_rows o join new_rows n using (id)
          where (o.organisation_id, o.username, o.email, o.first_name, o.last_name, o.expires_on, o.created_at,
              o.in_organisation_since)
            is distinct from (n.organisation_id, n.username, n.email, n.first_name, n.last_name, n.expires_on, n.created_at,
              n.in_organisation_since)
        )
        insert into import_disturbances (organisation_id)
        select organisation_id from (
          select former as organisation_id from changed
          union
          select present from changed
          union
          select organisation_id from role_grants where user_id in (select id from changed)
        ) disturbed
        where organisation_id is not null';
  end case;
  return null;
end $$;
create trigger import_disturbed_by_insert after insert on users
  referencing new table as new_rows for each statement execute function import_disturbed_by_users();
create trigger import_disturbed_by_update after update on users
  referencing old table as old_rows new table as new_rows
  for each statement execute function import_disturbed_by_users();
create trigger import_disturbed_by_delete after delete on users
  referencing old table as old_rows for each statement execute function import_disturbed_by_users();

-- Both where a role is held and where its holder is at home.
create function import_disturbed_by_roles() returns trigger
language plpgsql as $$
declare
  places uuid[];
  holders uuid[];
begin
  case tg_op
    when 'INSERT' then
      select array_agg(organisation_id), array_agg(user_id) into places, holders from new_rows;
    when 'DELETE' then
      select array_agg(organisation_id), array_agg(user_id) into places, holders from old_rows;
    else
      select array_agg(organisation_id), array_agg(user_id) into places, holders
      from (select organisation_id, user_id from old_rows union all select organisation_id, user_id from new_rows) grants;
  end case;
  insert into import_disturbances (organisation_id)
  select organisation_id from (
    select unnest(places) as organisation_id
    union
    select organisation_id from users where id = any (holders)
  ) disturbed
  where organisation_id is not null;
  return null;
end $$;
create trigger import_disturbed_by_insert after insert on role_grants
  referencing new table as new_rows for each statement execute function import_disturbed_by_roles();
create trigger import_disturbed_by_update after update on role_grants
  referencing old table as old_rows new table as new_rows
  for each statement execute function import_disturbed_by_roles();
create trigger import_disturbed_by_delete after delete on role_grants
  referencing old table as old_rows for each statement execute function import_disturbed_by_roles();

-- Places are found by the names on the path to them. What moves a tree or its midnight is rare, and matters to roles that
-- are held elsewhere.
create function import_disturbed_by_organisations() returns trigger
language plpgsql as $$
begin
  case tg_op
    when 'INSERT' then
      insert into import_disturbances (organisation_id) select id from new_rows;
    when 'DELETE' then
      insert into import_disturbances (organisation_id)
      select distinct parent_id from old_rows where parent_id is not null;
    else
      insert into import_disturbances (organisation_id)
      select case when (o.parent_id, o.time_zone) is not distinct from (n.parent_id, n.time_zone) then o.id end
      from old_rows o join new_rows n using (id)
      where (o.parent_id, o.time_zone, o.name) is distinct from (n.parent_id, n.time_zone, n.name);
  end case;
  return null;
end $$;
create trigger import_disturbed_by_insert after insert on organisations
  referencing new table as new_rows for each statement execute function import_disturbed_by_organisations();
create trigger import_disturbed_by_update after update on organisations
  referencing old table as old_rows new table as new_rows
  for each statement execute function import_disturbed_by_organisations();
create trigger import_disturbed_by_delete after delete on organisations
  referencing old table as old_rows for each statement execute function import_disturbed_by_organisations();
