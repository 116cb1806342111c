-- Who wants an organisation's report by mail every month.
create table report_subscriptions (
  user_id uuid not null references users (id) on delete cascade,
  organisation_id uuid not null references organisations (id) on delete cascade,
  created_at timestamptz not null,
  primary key (user_id, organisation_id)
);
create index report_subscriptions_organisation on report_subscriptions (organisation_id);

-- The months whose reports were written: once each, however many servers look.
create table report_mails (
  user_id uuid not null,
  organisation_id uuid not null,
  month date not null, -- the first day of the month that the report is of
  written_at timestamptz not null,
  primary key (user_id, organisation_id, month),
  foreign key (user_id, organisation_id) references report_subscriptions on delete cascade
);

-- A mail may have a file with it; gone with the text when it was sent.
alter table outbox
  add column attachment_name text,
  add column attachment bytea,
  add check (attachment is null or attachment_name is not null);
