-- The newest entries about a user, or with changes that concern the user.
-- $1 user, $2 how many, $3 the reader may see the log, $4 of this scope (null: everything), $5 who asks
with found as (
  (select e.at, e.id from audit_entries e where e.subject_id = $1 order by e.at desc, e.id desc limit $2)
  union
  (select e.at, e.id from audit_entries e
   where e.id in (select c.entry_id from audit_changes c where c.person_id = $1)
   order by e.at desc, e.id desc limit $2)
)
select e.id,
  $3 and ($4 is null or e.actor_id is not distinct from $5 or exists (
    select from organisation_closure c
    where c.descendant_id = e.organisation_id and c.ancestor_id = any ($4))) as seen
from (select * from found order by at desc, id desc limit $2) newest join audit_entries e on e.id = newest.id
order by e.at desc, e.id desc
