-- Whom a row means that could not be read, as far as that could: another row may mean the same person. On the first
-- refusal of the row.
alter table import_refusals add column user_id uuid, add column username text, add column email text;

-- Values in quotes are not what reasons have in common; UTF-8 and where Excel has it are.
create or replace function refusal_cause(reason text) returns text
language sql immutable parallel safe as $$
  select regexp_replace(
    regexp_replace(reason,
      '“[^”]*”|[0-9]{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2}', '…', 'g'),
    '(?<!UTF-|origin |origin [0-9]+)([0-9][0-9A-Za-z,.]*[0-9A-Za-z]|[0-9])', '…', 'g')
$$;
