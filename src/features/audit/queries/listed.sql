-- $1 entries, in order, $2 scope (null: everything), $3 how many things are counted at most
select e.id, e.at, e.actor_kind, e.actor_id, u.name as actor_name, e.address, e.action, e.detail,
  e.organisation_id, e.subject_kind, e.subject_id,
  (u.id is not null and ($2 is null or exists (
    select from organisation_closure c
    where c.descendant_id = u.organisation_id and c.ancestor_id = any ($2)))) as actor_within,
  (select count(*) from (select from audit_changes c where c.entry_id = e.id limit $3) touched) as counted
from unnest($1) with ordinality given (id, place)
join audit_entries e on e.id = given.id
left join users u on u.id = e.actor_id
order by given.place
