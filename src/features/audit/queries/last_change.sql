-- Who last changed an account, another thing or what there is once, and when; the name only when that person is
-- within the scope. $1 or $2 is given, or neither.
-- $1 user id, $2 what the entry is about, $3 actions, $4 scope (null: everything)
select last.at, last.actor_id, (
  select concat(u.first_name, ' ', u.last_name) from users u
  where u.id = last.actor_id and ($4 is null or exists (
    select from organisation_closure s where s.descendant_id = u.organisation_id and s.ancestor_id = any ($4)))) as actor
from (
  (select a.at, a.actor_id
   from audit_changes c join audit_entries a on a.id = c.entry_id
   where c.person_id = $1 and c.subject_kind = 'user' and c.subject_id = $1
   order by a.at desc limit 1)
  union all
  (select at, actor_id from audit_entries where subject_id = $2 and action = any ($3) order by at desc limit 1)
  union all
  (select at, actor_id from audit_entries
   where $1 is null and $2 is null and action = any ($3) order by at desc limit 1)
) last
