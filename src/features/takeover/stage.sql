-- Where the files' rows wait to be checked. Gone with the transaction.
create temporary table load_organisations (
  line bigint, name text, parent text, user_limit integer, time_zone text
) on commit drop;
create temporary table load_users (
  line bigint, user_id uuid, username text, email text, first_name text, last_name text,
  organisation text, roles text, account_expires_on date
) on commit drop;
create temporary table load_experiences (
  line bigint, code text, title text, organisation text
) on commit drop;
create temporary table load_enrolments (
  line bigint, username text, experience text, starts_on date, expires_on date, completed_on date, result text
) on commit drop;
-- What is written, for the audit log.
create temporary table load_changes (
  subject_kind text, subject_id uuid, person_id uuid, before jsonb, after jsonb
) on commit drop;
-- Why rows cannot be taken.
create temporary table load_refusals (line bigint, column_name text, reason text) on commit drop;
