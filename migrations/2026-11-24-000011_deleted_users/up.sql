-- People who were deleted and can be restored for a while, with everything that went with them, as
-- documents: they appear nowhere else, and a new column of users or enrolments changes nothing here.
create table deleted_users (
  user_id uuid primary key,
  deleted_at timestamptz not null default now(),
  restorable_until timestamptz not null,
  -- the audit entry of the deletion: who were deleted together
  entry_id uuid not null,
  -- no foreign key: an organisation may go before the archive does
  organisation_id uuid,
  account jsonb not null, -- the row of users
  enrolments jsonb not null, -- the rows of enrolments, a list
  role_grants jsonb not null -- the rows of role_grants, a list
);
create index deleted_users_until on deleted_users (restorable_until);
create index deleted_users_entry on deleted_users (entry_id);
create index deleted_users_organisation on deleted_users (organisation_id, deleted_at);
