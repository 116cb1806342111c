-- The users of a part of the scope, and the active ones among them, from the figures that are kept.
-- $1 scope (null: everything), $2 an organisation in it (null: all of it), $3 now
with tops as materialized (
  -- of several organisations, those that are not below another one
  select o.id, today_in(o.id, $3) as day from organisations o
  where case when $2 is not null then o.id = $2
    when $1 is null then o.parent_id is null
    else o.id = any ($1) and not exists (
      select from organisation_closure c
      where c.descendant_id = o.id and c.depth > 0 and c.ancestor_id = any ($1)) end
)
select
  ((select coalesce(sum(n.users), 0)
    from tops join organisation_closure c on c.ancestor_id = tops.id
    join user_counts n on n.organisation_id = c.descendant_id
    where $1 is null or exists (
      select from organisation_closure s where s.descendant_id = tops.id and s.ancestor_id = any ($1)))
   + (select count(*) from users where organisation_id is null and $1 is null and $2 is null))::bigint as "all",
  (select coalesce(sum(l.used), 0)
   from tops, license_used_in(tops.id, tops.day) l
   where $1 is null or exists (
     select from organisation_closure s where s.descendant_id = tops.id and s.ancestor_id = any ($1)))::bigint as active
