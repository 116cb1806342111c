create table tiers (
  id uuid primary key default uuid_v7(),
  name text not null unique check (length(name) between 1 and 100),
  user_limit integer not null unique check (user_limit >= 0),
  yearly_price numeric(12, 2) not null check (yearly_price >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$')
);

-- The terms of a root's license year. The limit in force is organisations.user_limit, its
-- history user_limit_changes.
create table agreements (
  id uuid primary key default uuid_v7(),
  organisation_id uuid not null references organisations (id) on delete restrict,
  tier_id uuid references tiers (id) on delete restrict, -- null: a limit of its own
  starts_on date not null check (starts_on between '1900-01-01' and '9999-12-30'),
  ends_on date not null check (ends_on between '1900-01-01' and '9999-12-30'), -- the last day
  re_uses_per_license integer not null default 3 check (re_uses_per_license >= 0),
  -- overage permitted in writing
  extra_users integer not null default 0 check (extra_users >= 0),
  extra_users_until date check (extra_users_until between '1900-01-01' and '9999-12-30'),
  created_at timestamptz not null default now(),
  check (starts_on <= ends_on),
  check ((extra_users > 0) = (extra_users_until is not null)),
  constraint agreements_once_a_year unique (organisation_id, starts_on)
);
create index agreements_tier on agreements (tier_id);

create function agreements_are_for_roots() returns trigger
language plpgsql as $$
begin
  if exists (select from organisations where id = new.organisation_id and parent_id is not null) then
    raise exception 'only a root organisation has a license agreement' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger agreements_are_for_roots before insert or update of organisation_id on agreements
  for each row execute function agreements_are_for_roots();
