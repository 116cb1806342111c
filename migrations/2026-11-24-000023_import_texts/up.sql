-- Texts of imports: what spreadsheets make of those that look like something else to them, and causes of refusals.

-- The surname "True" or "Falso" is taken for a truth value and written in capitals: it is what it was.
create function as_it_was(cell text, was text) returns text
language sql immutable parallel safe as $$
  select case when cell <> was and cell = upper(was) and cell in (
    'TRUE', 'FALSE', 'WAHR', 'FALSCH', 'VRAI', 'FAUX', 'VERO', 'FALSO', 'VERDADERO', 'VERDADEIRO', 'WAAR', 'ONWAAR',
    'SAND', 'FALSK', 'SANN', 'SANT', 'USANN', 'TOSI', 'PRAWDA', 'PRAVDA') then was else cell end
$$;

-- The number that a spreadsheet takes a text for; null when it is none.
create function number_in(cell text) returns numeric
language sql immutable parallel safe as $$
  select case when cell ~ '^[+-]?[0-9]{1,40}([.][0-9]{1,40})?([eE][+-]?[0-9]{1,3})?$' then cell::numeric end
$$;

-- Why a row is refused without what is different from row to row: lines, days, values.
create function refusal_cause(reason text) returns text
language sql immutable parallel safe as $$
  select regexp_replace(
    regexp_replace(reason, '[0-9]{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2}', '…', 'g'),
    '[0-9][0-9A-Za-z,.]*[0-9A-Za-z]|[0-9]', '…', 'g')
$$;
