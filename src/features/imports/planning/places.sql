-- By the whole path from the root, else by the end of one where only one organisation has it. Letters and their accents are
-- one character each, as the reader makes them.
-- $1 import, $2 its organisation
insert into import_places (text, found, organisation_id)
with endings as (
  -- every end of every path, from the organisation's own name up to the whole
  select s.descendant_id as id, up.depth, normalize(string_agg(a.name, ' > ' order by c.depth desc)) as text,
    not exists (select from organisations root where root.id = up.ancestor_id and root.parent_id is not null) as whole
  from organisation_closure s
  join organisation_closure up on up.descendant_id = s.descendant_id
  join organisation_closure c on c.descendant_id = s.descendant_id and c.depth <= up.depth
  join organisations a on a.id = c.ancestor_id
  where s.ancestor_id = $2
  group by s.descendant_id, up.depth, up.ancestor_id
),
texts as (
  select organisation as text from import_rows
  where import_id = $1 and organisation is not null group by organisation
),
meant as (
  select t.text, count(e.id) as found, (array_agg(e.id))[1] as id,
    (array_agg(e.id) filter (where e.whole))[1] as whole_id
  from texts t left join endings e on e.text = t.text
  group by t.text
)
select text, case when whole_id is null then found else 1 end, coalesce(whole_id, id) from meant
