-- A page of the people who can be restored, within a scope; the last deleted first.
-- $1 scope (null: everything), $2 now, $3 rows a page, $4 offset
select d.user_id, concat(a.first_name, ' ', a.last_name) as name, a.username, d.deleted_at, d.restorable_until,
  jsonb_array_length(d.enrolments) as enrolments, count(*) over () as total,
  path_in_scope(d.organisation_id, $1) as organisation, (
    select concat(u.first_name, ' ', u.last_name) from users u
    where u.id = e.actor_id and ($1 is null or exists (
      select from organisation_closure s
      where s.descendant_id = u.organisation_id and s.ancestor_id = any ($1)))) as deleted_by
from deleted_users d
cross join jsonb_to_record(d.account) as a (username text, first_name text, last_name text)
left join audit_entries e on e.id = d.entry_id
where d.restorable_until > $2 and ($1 is null or exists (
  select from organisation_closure s where s.descendant_id = d.organisation_id and s.ancestor_id = any ($1)))
order by d.deleted_at desc, d.user_id
limit $3 offset $4
