create table experiences (
  id uuid primary key default uuid_v7(),
  organisation_id uuid not null references organisations (id) on delete restrict,
  code text not null check (length(code) between 1 and 100 and code = btrim(code) and code !~ '[[:cntrl:]]'),
  title text not null check (length(title) between 1 and 300 and title !~ '[[:cntrl:]]'),
  description text not null default '',
  archived_at timestamptz,
  created_at timestamptz not null default now(),
  constraint experiences_code_is_unique unique (organisation_id, code)
);
create index experiences_code on experiences (code);

create table enrolments (
  id uuid primary key default uuid_v7(),
  user_id uuid not null references users (id) on delete cascade,
  experience_id uuid not null references experiences (id) on delete cascade,
  starts_on date not null check (starts_on between '1900-01-01' and '9999-12-30'),
  -- the last day of access; may lie before the start, then the enrolment is never live
  expires_on date check (expires_on between '1900-01-01' and '9999-12-30'),
  due_on date check (due_on between '1900-01-01' and '9999-12-30'),
  -- the completion record: it lives as long as its enrolment
  completed_on date check (completed_on between '1900-01-01' and '9999-12-30'),
  result text,
  score numeric(6, 2),
  last_accessed_at timestamptz,
  created_at timestamptz not null default now(),
  constraint enrolments_once unique (user_id, experience_id),
  constraint a_result_needs_a_completion check (completed_on is not null or (result is null and score is null))
);
create index enrolments_experience on enrolments (experience_id);
