create table users (
  id uuid primary key default uuid_v7(),
  -- null for the vendor's own people, who belong to no customer
  organisation_id uuid references organisations (id) on delete restrict,
  username text not null check (
    length(username) between 1 and 150 and username = btrim(username) and username !~ '[[:cntrl:]]'
  ),
  email text not null check (length(email) between 3 and 254 and email ~ '^[^[:space:][:cntrl:]@]+@[^[:space:][:cntrl:]@]+$'),
  first_name text not null check (length(first_name) between 1 and 150 and first_name !~ '[[:cntrl:]]'),
  last_name text not null check (length(last_name) between 1 and 150 and last_name !~ '[[:cntrl:]]'),
  password_hash text, -- PHC string; null: has not set one yet, cannot sign in
  language text,
  time_zone text check (time_zone is null or timezone(time_zone, timestamptz 'epoch') is not null),
  job_function text,
  organisation_reference text,
  expires_on date check (expires_on between '1900-01-01' and '9999-12-30'),
  last_signed_in_at timestamptz,
  created_at timestamptz not null default now(),
  in_organisation_since timestamptz not null default now(),
  username_key text not null generated always as (lower(username)) stored,
  email_key text not null generated always as (lower(email)) stored,
  -- Checked at the end of a statement, so that two people may swap usernames in one.
  constraint users_username_is_unique unique (username_key) deferrable initially immediate,
  constraint users_email_is_unique unique (email_key) deferrable initially immediate
);
create index users_organisation on users (organisation_id);

create function users_moving() returns trigger
language plpgsql as $$
begin
  new.in_organisation_since := now();
  return new;
end $$;
create trigger users_moving before update of organisation_id on users
  for each row when (old.organisation_id is distinct from new.organisation_id)
  execute function users_moving();

create table role_grants (
  id uuid primary key default uuid_v7(),
  user_id uuid not null references users (id) on delete cascade,
  role text not null check (role in ('instance_admin', 'account_manager', 'org_admin', 'user_manager')),
  organisation_id uuid references organisations (id) on delete cascade,
  granted_at timestamptz not null default now(),
  constraint a_role_is_held_on_an_organisation check ((role = 'instance_admin') = (organisation_id is null))
);
create unique index role_grants_once on role_grants (user_id, role, organisation_id) where organisation_id is not null;
create unique index role_grants_instance_admin_once on role_grants (user_id) where organisation_id is null;
create index role_grants_organisation on role_grants (organisation_id);

create table sessions (
  token_hash bytea primary key check (length(token_hash) = 32), -- SHA-256; the token itself is only in the cookie
  user_id uuid not null references users (id) on delete cascade,
  state jsonb not null,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sessions_user on sessions (user_id);
create index sessions_expires_at on sessions (expires_at);

-- A changed password and a lost role end every session of the person, whoever makes the change.
create function sessions_end_with_password() returns trigger
language plpgsql as $$
begin
  delete from sessions where user_id = new.id;
  return null;
end $$;
create trigger sessions_end_with_password after update of password_hash on users
  for each row when (old.password_hash is distinct from new.password_hash)
  execute function sessions_end_with_password();

create function sessions_end_with_role() returns trigger
language plpgsql as $$
begin
  delete from sessions where user_id in (select user_id from old_rows);
  return null;
end $$;
create trigger sessions_end_with_role after delete on role_grants
  referencing old table as old_rows for each statement execute function sessions_end_with_role();

-- Failed sign-ins, by account and by address; see domain::throttle.
create table sign_in_failures (
  key text primary key,
  failures integer not null,
  last_failed_at timestamptz not null
);
create index sign_in_failures_last_failed_at on sign_in_failures (last_failed_at);
