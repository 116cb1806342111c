-- By unique ID; a row without one by username. $1 import, $2 its organisation; whether the file has the column
-- $3 username, $4 email, $5 first_name, $6 last_name, $7 organisation, $8 roles, $9 account_expires_on
insert into import_matched (line, known_id, differs)
with pairs as (
  select r.line, r.username, r.email, r.first_name, r.last_name, r.organisation, r.roles, r.account_expires_on,
    u.id as known_id, u.username as was_username, u.email as was_email, u.first_name as was_first_name,
    u.last_name as was_last_name, u.organisation_id as home, u.expires_on as was_expires_on
  from import_rows r left join users u on u.id = r.user_id
  where r.import_id = $1 and r.user_id is not null
  union all
  select r.line, r.username, r.email, r.first_name, r.last_name, r.organisation, r.roles, r.account_expires_on,
    u.id, u.username, u.email, u.first_name, u.last_name, u.organisation_id, u.expires_on
  from import_rows r left join users u on u.username_key = lower(r.username)
  where r.import_id = $1 and r.user_id is null
)
select p.line, p.known_id,
  p.known_id is null
  or ($3 and as_it_was(p.username, p.was_username) is distinct from p.was_username)
  or ($4 and p.email is distinct from p.was_email)
  or ($5 and as_it_was(p.first_name, p.was_first_name) is distinct from p.was_first_name)
  or ($6 and as_it_was(p.last_name, p.was_last_name) is distinct from p.was_last_name)
  or ($7 and coalesce(place.organisation_id, case when p.organisation is null then $2 end) is distinct from p.home)
  or ($8 and coalesce(p.roles, '') <> case
    when p.known_id in (select user_id from role_grants) then coalesce((
      select string_agg(g.role, ';' order by g.role) from role_grants g
      where g.user_id = p.known_id and g.organisation_id = p.home), '')
    else '' end)
  or ($9 and p.account_expires_on is distinct from p.was_expires_on)
  or p.home is null
  or p.home not in (select descendant_id from organisation_closure where ancestor_id = $2)
from pairs p
left join import_places place on place.text = p.organisation and place.found = 1
