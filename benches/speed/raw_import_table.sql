create table raw_rows (
  user_id text, username text, email text, first_name text, last_name text, organisation text, roles text,
  account_expires_on text, active text, created_at text, exported_at text, export_id text
);
create table raw_difference (kind text, user_id uuid, username text, email text, first_name text, last_name text);
