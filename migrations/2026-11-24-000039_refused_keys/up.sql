-- Whom a row means that could not be read, as far as that could: another row may mean the same person. On the first
-- refusal of the row.
alter table import_refusals add column user_id uuid, add column username text, add column email text;
