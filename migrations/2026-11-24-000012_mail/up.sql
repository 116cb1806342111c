-- Mail to be sent: written with the change that causes it, sent afterwards, at least once.
create table outbox (
  id uuid primary key default uuid_v7(), -- also the Message-ID, so that a second copy is recognised
  recipient text not null,
  subject text not null,
  body text not null,
  created_at timestamptz not null default now(),
  send_at timestamptz not null default now(), -- later after each failure
  attempts integer not null default 0 check (attempts >= 0),
  sent_at timestamptz,
  failed_at timestamptz, -- given up
  last_error text
);
create index outbox_due on outbox (send_at) where sent_at is null and failed_at is null;

-- Links to set a password: each works once, for a limited time. The link has a random token, the
-- table its hash.
create table password_links (
  token_hash bytea primary key check (length(token_hash) = 32), -- SHA-256
  user_id uuid not null references users (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
create index password_links_user on password_links (user_id);
create index password_links_expires_at on password_links (expires_at);
