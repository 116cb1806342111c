drop table if exists import_places, import_matched, import_missing, import_candidates, import_waits;
-- What the organisations in the file mean.
create temporary table import_places (
  text text not null, found bigint not null, organisation_id uuid
) on commit drop;
-- Rows about which anything needs a closer look: what the person is, and what the file wants.
create temporary table import_candidates (
  line bigint not null,
  user_id uuid, -- as the file says
  known_id uuid,
  person_id uuid not null,
  in_scope boolean not null,
  manageable boolean not null,
  place_text text, places bigint,
  was_username text, was_email text, was_first_name text, was_last_name text, was_organisation_id uuid,
  was_roles text, was_expires_on date,
  to_username text, to_email text, to_first_name text, to_last_name text, to_organisation_id uuid,
  to_roles text, to_expires_on date
) on commit drop;
-- Rows that want a username or an e-mail address that somebody has: who keeps it, or which row gives it up.
create temporary table import_waits (
  line bigint not null, column_name text not null, found text, reason text not null, waits_for bigint
) on commit drop;
