-- Every organisation by its path, those of the file included, each with its id.
-- A parent is named by its path or, where that is clear, by its name alone.
create temporary table load_places on commit drop as
with recursive existing as (
  select o.id, o.name, string_agg(a.name, ' > ' order by c.depth desc) as path
  from organisations o
  join organisation_closure c on c.descendant_id = o.id
  join organisations a on a.id = c.ancestor_id
  group by o.id
),
placed (path, name, depth) as (
  (select path, name, 0 from existing
   union select name, name, 0 from load_organisations where parent is null)
  union
  select p.path || ' > ' || s.name, s.name, p.depth + 1
  from placed p join load_organisations s on s.parent in (p.path, p.name)
  -- who names each other as parents would never end; there are no more levels than rows
  where p.depth < least((select count(*) from load_organisations), 1000)
)
select path, name, coalesce(id, uuid_v7()) as id, id is null as is_new
from (select distinct path, name from placed) places
left join (select id, path from existing) known using (path);
create index on load_places (path);
create index on load_places (name);
analyze load_places;

-- The organisation that a file's text means: by path, else by name.
create temporary table load_named on commit drop as
select wanted.text, count(p.id) as found, (array_agg(p.id))[1] as id, (array_agg(p.path))[1] as path
from (
  select parent as text from load_organisations where parent is not null
  union select organisation from load_users where organisation is not null
  union select organisation from load_experiences
) wanted
left join load_places p
  on p.path = wanted.text
  or (p.name = wanted.text and not exists (select from load_places q where q.path = wanted.text))
group by wanted.text;
create index on load_named (text);
analyze load_named;

insert into load_refusals
select s.line, 'parent', case n.found
    when 0 then format('“%s” is no organisation here or in this file', s.parent)
    else format('“%s” is the name of %s organisations; give the path from the root', s.parent, n.found) end
from load_organisations s join load_named n on n.text = s.parent
where n.found <> 1;

insert into load_refusals
select line, 'name', format('“%s” is in this file already, on line %s', name, first_line)
from (
  select s.line, s.name, min(s.line) over (partition by n.path, s.name) as first_line
  from load_organisations s left join load_named n on n.text = s.parent
) rows
where line > first_line;
