-- Every row that wants something else than there is, and those that mean somebody by username: what it says, and what the
-- person is. By unique ID; a row without one by username. Apart from the tables of this session, so that several processes
-- can share the work. $1 import,
-- $2 its organisation; whether the file has the column $3 username, $4 email, $5 first_name, $6 last_name,
-- $7 organisation, $8 roles, $9 account_expires_on; $10 the organisations in the file, and $11 what they mean
create temporary table import_matched on commit drop as
with pairs as (
  select r.line, r.user_id, r.username, r.email, r.first_name, r.last_name, r.organisation, r.roles, r.account_expires_on,
    false as by_name, u.id as known_id, u.username as was_username, u.email as was_email, u.first_name as was_first_name,
    u.last_name as was_last_name, u.organisation_id as home, u.expires_on as was_expires_on
  from import_rows r left join users u on u.id = r.user_id
  where r.import_id = $1 and r.user_id is not null
  union all
  select r.line, r.user_id, r.username, r.email, r.first_name, r.last_name, r.organisation, r.roles, r.account_expires_on,
    true, u.id, u.username, u.email, u.first_name, u.last_name, u.organisation_id, u.expires_on
  from import_rows r left join users u on u.username_key = lower(r.username)
  where r.import_id = $1 and r.user_id is null
),
judged as (
  select p.*,
    p.known_id is null
    or ($3 and as_it_was(p.username, p.was_username) is distinct from p.was_username)
    or ($4 and p.email is distinct from p.was_email)
    or ($5 and as_it_was(p.first_name, p.was_first_name) is distinct from p.was_first_name)
    or ($6 and as_it_was(p.last_name, p.was_last_name) is distinct from p.was_last_name)
    or ($7 and coalesce(place.organisation_id, case when p.organisation is null then $2 end) is distinct from p.home)
    or ($8 and coalesce(p.roles, '') <> coalesce(held.roles, ''))
    or ($9 and p.account_expires_on is distinct from p.was_expires_on)
    or p.home is null
    or p.home not in (select descendant_id from organisation_closure where ancestor_id = $2) as differs
  from pairs p
  left join unnest($10, $11) place (text, organisation_id) on place.text = p.organisation
  left join (
    select user_id, organisation_id, string_agg(role, ';' order by role) as roles
    from role_grants group by user_id, organisation_id
  ) held on held.user_id = p.known_id and held.organisation_id = p.home
)
select * from judged where differs or by_name
