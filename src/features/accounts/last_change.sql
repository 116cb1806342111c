-- Who last changed an account, and when; the name only when that person is within the scope.
-- $1 user id, $2 scope (null: everything)
select a.at, (
  select concat(u.first_name, ' ', u.last_name) from users u
  where u.id = a.actor_id and ($2 is null or exists (
    select from organisation_closure s where s.descendant_id = u.organisation_id and s.ancestor_id = any ($2)))) as actor
from audit_changes c join audit_entries a on a.id = c.entry_id
where c.person_id = $1 and c.subject_kind = 'user' and c.subject_id = $1
order by a.at desc
limit 1
