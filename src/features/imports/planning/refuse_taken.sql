-- A username or e-mail address of somebody who keeps it. Whose row is refused keeps it too, so this is
-- repeated until nothing more comes of it. $1 import
insert into import_refusals (import_id, line, of_the_file, column_name, found, reason)
select $1, c.line, false, taken.column_name, taken.found, taken.reason
from import_candidates c
cross join lateral (
  select 'username' as column_name, c.to_username as found, 'Somebody else has this username.' as reason, u.id as holder
  from users u
  where u.username_key = lower(c.to_username) and lower(c.to_username) is distinct from lower(c.was_username)
  union all
  select 'email', c.to_email, 'Somebody else has this e-mail address.', u.id
  from users u where u.email_key = lower(c.to_email) and lower(c.to_email) is distinct from lower(c.was_email)
) taken
left join import_candidates theirs on theirs.known_id = taken.holder
  and not exists (select from import_refusals r where r.import_id = $1 and r.line = theirs.line)
where taken.holder <> c.person_id
  and not coalesce(case taken.column_name
    when 'username' then lower(theirs.to_username) <> lower(theirs.was_username)
    else lower(theirs.to_email) <> lower(theirs.was_email) end, false)
  and not exists (
    select from import_refusals r
    where r.import_id = $1 and r.line = c.line and r.column_name = taken.column_name and r.reason = taken.reason)
