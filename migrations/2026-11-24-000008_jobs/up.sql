-- Work in the background. A server claims a job by lease (SKIP LOCKED) and renews it; the
-- job of a server that died is claimed again when its lease has run out.
create table jobs (
  id uuid primary key default uuid_v7(),
  kind text not null check (kind ~ '^[a-z_]+$'),
  payload jsonb not null default '{}',
  organisation_id uuid references organisations (id) on delete cascade,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed')),
  run_at timestamptz not null default now(),
  attempts integer not null default 0 check (attempts >= 0),
  leased_until timestamptz check ((state = 'running') = (leased_until is not null)),
  progress_done bigint not null default 0,
  progress_total bigint,
  last_error text,
  finished_at timestamptz check ((state in ('done', 'failed')) = (finished_at is not null))
);
create index jobs_due on jobs (run_at) where state = 'queued';
create index jobs_leased on jobs (leased_until) where state = 'running';
create index jobs_organisation on jobs (organisation_id);
create index jobs_created_by on jobs (created_by);
