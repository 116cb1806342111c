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

-- The reader makes a letter and its accent one character: whose name is stored as two keeps it.
create or replace function as_it_was(cell text, was text) returns text
language sql immutable parallel safe as $$
  select case when cell <> was and (
    octet_length(was) > length(was) and normalize(was) = cell
    or cell = upper(was) and cell in (
      'TRUE', 'FALSE', 'WAHR', 'FALSCH', 'VRAI', 'FAUX', 'VERO', 'FALSO', 'VERDADERO', 'VERDADEIRO', 'WAAR', 'ONWAAR',
      'SAND', 'FALSK', 'SANN', 'SANT', 'USANN', 'TOSI', 'PRAWDA', 'PRAVDA')) then was else cell end
$$;
