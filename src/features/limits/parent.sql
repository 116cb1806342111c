-- $1 an organisation, $2 now, $3 the scope
select o.id, o.name, o.parent_id is null as is_root, o.user_limit,
  (select a.user_limit from organisation_closure up join organisations a on a.id = up.ancestor_id
   where up.descendant_id = o.id and a.user_limit is not null order by up.depth limit 1) as nearest_limit,
  (select coalesce(sum(l.used), 0)::bigint from license_used_in(o.id, today_in(o.id, $2)) l) as used,
  (select count(*) from organisations c where c.parent_id = o.id) as children,
  (select coalesce(sum(c.user_limit), 0)::bigint from organisations c where c.parent_id = o.id) as sum
from organisations o
where o.id = $1 and ($3 is null or exists (
  select from organisation_closure s where s.descendant_id = o.id and s.ancestor_id = any ($3)))
