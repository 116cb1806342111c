-- A person's enrolments: live ones first, then coming ones, then those that are over.
-- $1 user id, $2 today in the person's organisation, $3 scope (null: everything)
select x.id as experience_id, x.title,
  ($3 is null or exists (
    select from organisation_closure s
    where (s.descendant_id = x.organisation_id and s.ancestor_id = any ($3))
       or (s.ancestor_id = x.organisation_id and s.descendant_id = any ($3)))) as is_visible,
  x.code, e.starts_on, e.expires_on, e.due_on, e.completed_on, e.result, e.score::text as score,
  e.last_accessed_at
from enrolments e join experiences x on x.id = e.experience_id
where e.user_id = $1
order by
  case when e.expires_on < greatest($2, e.starts_on) then 2 when e.starts_on > $2 then 1 else 0 end,
  case when e.expires_on < $2 then e.expires_on end desc,
  e.expires_on nulls last, x.title collate natural_order, x.id
