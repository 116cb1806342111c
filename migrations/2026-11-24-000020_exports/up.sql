-- The files of users that left the program. An import that reads one of them back asks here whether
-- it held everybody of an organisation. Records are small and are kept for good: somebody may come
-- back with a file after years. No personal data but who asked for it.
create table exports (
  id uuid primary key default uuid_v7(),
  created_at timestamptz not null, -- stands in every row of the file
  created_by uuid references users (id) on delete set null,
  -- whose whole subtree it is about; null when it is about several trees. No foreign key: what was
  -- about an organisation that is gone must not become a file about several.
  organisation_id uuid,
  -- nothing but the organisation narrowed it down
  whole boolean not null,
  filter jsonb not null,
  -- By the clock of the database, which also says when people were created and moved: whoever came
  -- before is in the file. Whoever came later may be missing from it.
  complete_until timestamptz not null,
  -- how many people are in the file, once the last row was sent; null: it was cut off
  users bigint check (users >= 0),
  finished_at timestamptz,
  check ((users is null) = (finished_at is null))
);
create index exports_created_by on exports (created_by);
create index exports_organisation on exports (organisation_id);
