-- UUID version 7 (RFC 9562): the first 48 bits are the time in milliseconds, so that
-- new rows land at the end of their index. PostgreSQL has this built in from 18 on only.
create function uuid_v7() returns uuid
language sql volatile parallel safe as $$
  select encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid())
        placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
        from 1 for 6),
      52, 1), 53, 1), 'hex')::uuid
$$;

-- How names are sorted on every list: letters by the Unicode rules, "Region 2" before "Region 10".
create collation natural_order (provider = icu, locale = 'und-u-kn-true');

-- The settings of the whole deployment: exactly one row.
create table instance_settings (
  id boolean primary key default true check (id),
  admin_vertical_navigation_bar boolean not null default true,
  restore_window_days integer not null default 7 check (restore_window_days between 0 and 30),
  import_threshold_percent integer not null default 10 check (import_threshold_percent between 0 and 100)
);
insert into instance_settings default values;

-- Random per deployment, shared by all its servers: signs the session cookie.
create table instance_secrets (
  id boolean primary key default true check (id),
  cookie_key bytea not null check (length(cookie_key) = 64)
);
insert into instance_secrets (cookie_key)
select sha512(convert_to(string_agg(gen_random_uuid()::text, ''), 'UTF8')) from generate_series(1, 5);
