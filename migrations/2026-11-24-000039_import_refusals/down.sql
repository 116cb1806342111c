create or replace function as_it_was(cell text, was text) returns text
language sql immutable parallel safe as $$
  select case when cell <> was and cell = upper(was) and cell in (
    'TRUE', 'FALSE', 'WAHR', 'FALSCH', 'VRAI', 'FAUX', 'VERO', 'FALSO', 'VERDADERO', 'VERDADEIRO', 'WAAR', 'ONWAAR',
    'SAND', 'FALSK', 'SANN', 'SANT', 'USANN', 'TOSI', 'PRAWDA', 'PRAVDA') then was else cell end
$$;
create or replace function refusal_cause(reason text) returns text
language sql immutable parallel safe as $$
  select regexp_replace(
    regexp_replace(reason, '[0-9]{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2}', '…', 'g'),
    '[0-9][0-9A-Za-z,.]*[0-9A-Za-z]|[0-9]', '…', 'g')
$$;
alter table import_refusals drop column user_id, drop column username, drop column email;
