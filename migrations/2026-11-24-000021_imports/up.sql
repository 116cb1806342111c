-- Imports of users: the file as it came, what its rows say, and what would be done with them.
create table imports (
  id uuid primary key default uuid_v7(),
  organisation_id uuid not null references organisations (id) on delete cascade,
  created_by uuid references users (id) on delete set null,
  -- as far as the uploader saw, who may see people of elsewhere in the file; null: everything
  scope uuid[],
  -- when the upload began: whoever joins later is not missing from the file
  created_at timestamptz not null,
  file_name text not null check (length(file_name) <= 255),
  file_bytes bigint not null check (file_bytes >= 0),
  synchronize boolean not null,
  state text not null default 'reading'
    check (state in ('reading', 'refused', 'planned', 'applying', 'applied', 'cancelled')),
  job_id uuid references jobs (id) on delete set null,
  -- what the reader found out: encoding, delimiter, columns, the file's export; or why it cannot be read
  reading jsonb,
  -- how many of each kind the plan has, and what speaks against synchronizing
  planned_at timestamptz,
  counts jsonb,
  -- the same as long as the plan is
  fingerprint text,
  -- what was done, by whom and how
  applied_by uuid references users (id) on delete set null,
  applied_at timestamptz,
  result jsonb,
  -- the audit entry of the deletion, by which people are restored
  deletion_entry_id uuid
);
create index imports_organisation on imports (organisation_id, created_at);
create index imports_created_by on imports (created_by);
create index imports_applied_by on imports (applied_by);
create index imports_job on imports (job_id);
create index imports_created_at on imports (created_at);

-- The file and the plan tell what their uploader could see: to the uploader, and to whoever sees as much.
create function import_is_seen_by(import imports, viewer uuid, sees uuid[]) returns boolean
language sql stable as $$
  select sees is null or (
    exists (
      select from organisation_closure s
      where s.descendant_id = import.organisation_id and s.ancestor_id = any (sees))
    and (import.created_by = viewer or not exists (
      select from unnest(coalesce(import.scope, '{null}')) top
      where not exists (
        select from organisation_closure s where s.descendant_id = top and s.ancestor_id = any (sees)))))
$$;

-- The file in pieces, as they were uploaded. No foreign key here or below: the upload comes before
-- the import, and a check for each of a million rows would take longer than all the rest.
create table import_pieces (
  import_id uuid not null,
  number integer not null,
  uploaded_at timestamptz not null,
  bytes bytea compression lz4 not null,
  primary key (import_id, number)
);
create index import_pieces_first on import_pieces (uploaded_at) where number = 0;

-- The rows that could be read. What is null was empty, or its column is not in the file. Not in the
-- write-ahead log, which would double the time that a large file takes: when the database crashes they are gone,
-- which planning notices, and the file is uploaded again.
create unlogged table import_rows (
  import_id uuid not null,
  line bigint not null,
  user_id uuid,
  username text,
  email text,
  first_name text,
  last_name text,
  organisation text,
  roles text,
  account_expires_on date,
  primary key (import_id, line)
);

-- Why rows cannot be taken: by themselves (of_the_file), or beside other rows and the people there are.
create table import_refusals (
  id bigint primary key generated always as identity,
  import_id uuid not null,
  line bigint not null,
  of_the_file boolean not null,
  column_name text,
  found text,
  reason text not null,
  -- the row by columns, so that it can be corrected
  cells jsonb
);
create index import_refusals_line on import_refusals (import_id, line);

-- What would be done, one row a person. Whoever stays as they are is not in it.
create table import_plan (
  import_id uuid not null,
  kind text not null check (kind in ('create', 'change', 'delete', 'protect')),
  -- the line in the file; of people who are not in it, their place by name
  number bigint not null,
  person_id uuid not null,
  name text not null,
  username text not null,
  before jsonb,
  after jsonb,
  -- of people who would go: a license that gets free, completion records that get lost
  active boolean not null default false,
  records bigint not null default 0,
  -- why somebody is protected
  reason text,
  primary key (import_id, kind, number)
);
create index import_plan_person on import_plan (person_id);
