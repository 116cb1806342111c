-- Whose licenses a change for some people is about: the nearest organisation with a limit above all of them that may be
-- seen, or without a limit the one that they have in common.
-- $1 user ids, $2 now, $3 scope (null: everything), $4 instead of the users: an organisation
select o.id, o.name, today_in(o.id, $2) as today,
  (select coalesce(sum(l.used), 0) from license_used_in(o.id, today_in(o.id, $2)) l)::bigint as used
from (
  select coalesce($4, common_organisation(array_agg(distinct organisation_id))) as id from users where id = any ($1)
) shared
join organisation_closure c on c.descendant_id = shared.id
join organisations o on o.id = c.ancestor_id
where $3 is null or exists (
  select from organisation_closure s where s.descendant_id = o.id and s.ancestor_id = any ($3))
order by o.user_limit is null, c.depth
limit 1
