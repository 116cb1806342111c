-- By the whole path from the root, else by the end of one where only one organisation has it.
-- $1 import, $2 its organisation
insert into import_places (text, found, organisation_id)
with paths as (
  select s.descendant_id as id, string_agg(a.name, ' > ' order by c.depth desc) as path
  from organisation_closure s
  join organisation_closure c on c.descendant_id = s.descendant_id
  join organisations a on a.id = c.ancestor_id
  where s.ancestor_id = $2
  group by s.descendant_id
),
texts as (
  select organisation as text from import_rows
  where import_id = $1 and organisation is not null group by organisation
)
select t.text, count(p.id), (array_agg(p.id))[1]
from texts t
left join paths whole on whole.path = t.text
left join paths p on p.id = whole.id or (whole.id is null and right(p.path, length(t.text) + 3) = ' > ' || t.text)
group by t.text
