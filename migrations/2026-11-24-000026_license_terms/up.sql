-- The license terms: what is agreed on, how limits are kept, and who was told what.

alter table instance_settings
  -- percentages of a limit at which it is told that it comes close
  add column warning_percents integer[] not null default '{80,90,95,100}'
    check (cardinality(warning_percents) <= 10 and 0 < all (warning_percents) and 100 >= all (warning_percents)),
  -- "Name <address>"; null: as the program was started
  add column mail_sender text check (length(mail_sender) between 3 and 300 and mail_sender !~ '[[:cntrl:]]');

-- Not business days, for everybody on this instance.
create table holidays (
  day date primary key,
  name text not null check (length(name) between 1 and 200 and name !~ '[[:cntrl:]]')
);

-- A tier that is no longer sold stays with the agreements that have it.
alter table tiers add column retired_at timestamptz;
alter table tiers drop constraint tiers_name_key, drop constraint tiers_user_limit_key;
create unique index tiers_name on tiers (lower(name)) where retired_at is null;
create unique index tiers_user_limit on tiers (user_limit) where retired_at is null;

-- A license year's terms as they are now; the price is the agreed one, whatever becomes of the tier's.
alter table agreements
  add column user_limit integer check (user_limit >= 0),
  add column yearly_price numeric(12, 2) check (yearly_price >= 0),
  add column currency text check (currency ~ '^[A-Z]{3}$'),
  -- the first day of the overage that is permitted in writing
  add column extra_users_from date check (extra_users_from between '1900-01-01' and '9999-12-30'),
  -- since when these terms are in force; null: they are agreed on for a year that has not begun
  add column in_force_since timestamptz,
  add check ((yearly_price is null) = (currency is null)),
  add check (extra_users_from <= extra_users_until);
update agreements a
set user_limit = coalesce(o.user_limit, t.user_limit, 0), yearly_price = t.yearly_price, currency = t.currency,
    extra_users_from = case when a.extra_users > 0 then a.starts_on end,
    in_force_since = case when a.starts_on <= (now() at time zone o.time_zone)::date then a.created_at end
from organisations o, (select null::uuid as id, null::integer as user_limit, null::numeric as yearly_price, null::text as currency
                       union all select id, user_limit, yearly_price, currency from tiers) t
where o.id = a.organisation_id and t.id is not distinct from a.tier_id;
alter table agreements alter column user_limit set not null;
alter table agreements add constraint extra_users_are_permitted_for_days
  check ((extra_users > 0) = (extra_users_from is not null));
create extension if not exists btree_gist;
alter table agreements add constraint agreements_do_not_overlap
  exclude using gist (organisation_id with =, daterange(starts_on, ends_on, '[]') with &&);

-- Everything that was ever agreed on, as it was after each change.
create table agreement_changes (
  id uuid primary key default uuid_v7(),
  agreement_id uuid not null references agreements (id) on delete cascade,
  kind text not null check (kind in ('agreed', 'changed', 'upgraded', 'begun', 'overage_permitted')),
  changed_at timestamptz not null,
  changed_by uuid, -- null: the program by itself
  tier_name text, -- null: a limit of its own
  user_limit integer not null,
  yearly_price numeric(12, 2),
  currency text,
  re_uses_per_license integer not null,
  extra_users integer not null,
  extra_users_from date,
  extra_users_until date,
  -- of an upgrade: what it costs for the rest of the year
  pro_rata_price numeric(12, 2)
);
create index agreement_changes_agreement on agreement_changes (agreement_id, changed_at);

-- What the check of limits knew of a root when it last looked.
create table license_checks (
  root_id uuid primary key references organisations (id) on delete cascade,
  checked_until timestamptz not null,
  used integer not null,
  user_limit integer, -- in force then; null: none
  -- of the limit, and of the year's re-uses: up to which percentage it was told
  warned_percent integer,
  re_uses_warned_percent integer,
  re_uses_warned_year date,
  -- the coming day on which it was told that the limit will be exceeded
  crossing_on date,
  -- when to look again even if nothing is changed: the next day begins, or a time is up
  due_at timestamptz not null
);
create index license_checks_due on license_checks (due_at);

-- The times during which a root was over what it is allowed.
create table overages (
  id uuid primary key default uuid_v7(),
  organisation_id uuid not null references organisations (id) on delete cascade,
  opened_at timestamptz not null,
  notice_on date not null, -- business day 0
  stage text not null check (stage in ('minor', 'overdue', 'major', 'no_higher_tier')),
  -- of a major one: since when, why, and when the agreement is upgraded
  major_since timestamptz,
  major_cause text check (major_cause in ('above', 'too_long')),
  major_due_at timestamptz,
  closed_at timestamptz,
  closed_by text check (closed_by in ('usage', 'upgrade')),
  check ((closed_at is null) = (closed_by is null)),
  check ((stage in ('major', 'no_higher_tier')) = (major_since is not null)),
  check ((stage = 'major') = (major_due_at is not null and major_cause is not null))
);
create unique index overages_one_at_a_time on overages (organisation_id) where closed_at is null;
create index overages_organisation on overages (organisation_id, opened_at);

-- What was told to the account managers and the org admins of a root. Each step has a key and is told once.
create table notices (
  id uuid primary key default uuid_v7(),
  organisation_id uuid not null references organisations (id) on delete cascade,
  overage_id uuid references overages (id) on delete cascade,
  kind text not null check (kind ~ '^[a-z_]+$'),
  at timestamptz not null, -- when what it tells of happened
  key text not null,
  facts jsonb not null, -- figures and days; no personal data
  constraint notices_once unique (organisation_id, key)
);
create index notices_at on notices (organisation_id, at, id);
create index notices_overage on notices (overage_id);

-- A limit that is set is in the history, in the log that is checked, and in the agreement that is in force.
create or replace function user_limit_changed() returns trigger
language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into user_limit_changes (organisation_id, user_limit, changed_at)
    select id, user_limit, headroom_now() from new_rows where user_limit is not null;
    insert into license_log (root_id, organisation_id, day, at, delta)
    select id, id, (headroom_now() at time zone time_zone)::date, headroom_now(), 0 from new_rows where parent_id is null;
  else
    insert into user_limit_changes (organisation_id, user_limit, changed_at)
    select n.id, n.user_limit, headroom_now() from new_rows n join old_rows o using (id)
    where n.user_limit is distinct from o.user_limit;
    insert into license_log (root_id, organisation_id, day, at, delta)
    select n.id, n.id, (headroom_now() at time zone n.time_zone)::date, headroom_now(), 0
    from new_rows n join old_rows o using (id)
    where n.parent_id is null and n.user_limit is distinct from o.user_limit;
    update agreements a set user_limit = n.user_limit, tier_id = null
    from new_rows n join old_rows o using (id)
    where n.parent_id is null and n.user_limit is distinct from o.user_limit and n.user_limit is not null
      and a.organisation_id = n.id and a.user_limit <> n.user_limit
      and (headroom_now() at time zone n.time_zone)::date between a.starts_on and a.ends_on;
  end if;
  return null;
end $$;

-- Terms that are changed are checked again at once.
create function agreements_changed() returns trigger
language plpgsql as $$
begin
  insert into license_log (root_id, organisation_id, day, at, delta)
  select o.id, o.id, (headroom_now() at time zone o.time_zone)::date, headroom_now(), 0
  from organisations o where o.id = coalesce(new.organisation_id, old.organisation_id);
  return null;
end $$;
create trigger agreements_changed after insert or update or delete on agreements
  for each row execute function agreements_changed();

-- Roots that were there before are checked for the first time.
insert into license_log (root_id, organisation_id, day, at, delta)
select id, id, (now() at time zone time_zone)::date, now(), 0 from organisations where parent_id is null;

-- The highest limit that was in force at any moment of a license year so far: the year's capacity follows it.
create function license_highest_limit(root uuid, year_starts_on date) returns integer
language sql stable as $$
  select max(c.user_limit) from user_limit_changes c
  where c.organisation_id = root and c.changed_at >= coalesce((
    select max(before.changed_at) from user_limit_changes before join organisations o on o.id = root
    where before.organisation_id = root
      and before.changed_at <= year_starts_on::timestamp at time zone o.time_zone), '-infinity')
$$;
