-- The organisations of a scope that are called by a path: as far as the scope shows it, or from the root. Where one is
-- written just so, those that differ from it in small and capital letters are not meant.
-- $1 scope (null: everything), $2 last name of the path, $3 the path (null: the name is enough)
with called as (
  select o.id, o.name, path_in_scope(o.id, $1) as path, path_in_scope(o.id, null) as whole, o.parent_id is null as root
  from organisations o
  where lower(o.name) = lower($2)
    and ($1 is null or exists (
      select from organisation_closure s where s.descendant_id = o.id and s.ancestor_id = any ($1)))
),
matching as (
  select id, path, root, case when $3 is null then name = $2 else $3 in (path, whole) end as is_just_so
  from called
  where $3 is null or lower($3) in (lower(path), lower(whole))
)
select id, path, root from matching
where is_just_so or not exists (select from matching where is_just_so)
order by id
limit 2
