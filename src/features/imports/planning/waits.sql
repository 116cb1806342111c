-- Usernames and e-mail addresses that somebody has now. If that person's own row gives it up, the row waits for
-- that one.
insert into import_waits (line, column_name, found, reason, waits_for)
select c.line, taken.column_name, taken.found, taken.reason, case when (case taken.column_name
    when 'username' then lower(theirs.to_username) <> lower(theirs.was_username)
    else lower(theirs.to_email) <> lower(theirs.was_email) end) then theirs.line end
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
where taken.holder <> c.person_id
