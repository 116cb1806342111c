-- What happened. No foreign keys: entries outlive what they tell of. No personal data:
-- people are named by id, and what changed about them stands in audit_changes.
create table audit_entries (
  id uuid primary key default uuid_v7(),
  at timestamptz not null default clock_timestamp(),
  actor_kind text not null check (actor_kind in ('person', 'program', 'operator')),
  actor_id uuid check ((actor_kind = 'person') = (actor_id is not null)),
  address text, -- where a person's request came from
  action text not null check (action ~ '^[a-z_]+\.[a-z_]+$'),
  organisation_id uuid,
  subject_kind text,
  subject_id uuid,
  detail jsonb not null default '{}',
  check ((subject_kind is null) = (subject_id is null))
);
create index audit_entries_at on audit_entries (at);
create index audit_entries_organisation on audit_entries (organisation_id, at);
create index audit_entries_actor on audit_entries (actor_id, at);
create index audit_entries_subject on audit_entries (subject_id, at);

-- The things that an entry touched, with their values before and after. No foreign key: checking
-- it would take the right to update entries, which nobody has.
create table audit_changes (
  entry_id uuid not null,
  subject_kind text not null,
  subject_id uuid not null,
  before jsonb,
  after jsonb,
  primary key (entry_id, subject_id)
);
create index audit_changes_subject on audit_changes (subject_id);

create function audit_is_append_only() returns trigger
language plpgsql as $$
begin
  raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_entries_are_append_only before update or delete or truncate on audit_entries
  for each statement execute function audit_is_append_only();
create trigger audit_changes_are_append_only before update or delete or truncate on audit_changes
  for each statement execute function audit_is_append_only();
-- The role that runs the program owns the tables; it gives up these rights itself.
do $$ begin
  execute format('revoke update, delete, truncate on audit_entries, audit_changes from %I', current_user);
end $$;
