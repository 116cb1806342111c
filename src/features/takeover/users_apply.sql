-- Two usernames may swap: uniqueness is checked at the end of the statement. Links to set a password go to the former
-- address, so they end.
-- $1 the file has account expiry dates
with created as (
  insert into users (id, organisation_id, username, email, first_name, last_name, expires_on)
  select id, organisation_id, username, email, first_name, last_name, account_expires_on
  from load_people where known_id is null
  returning id, account_fields(users) as after
),
changed as (
  update users u
  set username = coalesce(p.username, u.username),
      email = coalesce(p.email, u.email),
      first_name = coalesce(p.first_name, u.first_name),
      last_name = coalesce(p.last_name, u.last_name),
      organisation_id = coalesce(p.organisation_id, u.organisation_id),
      expires_on = case when $1 then p.account_expires_on else u.expires_on end
  from load_people p join users b on b.id = p.known_id
  where u.id = b.id
    and ((coalesce(p.username, u.username), coalesce(p.email, u.email), coalesce(p.first_name, u.first_name),
          coalesce(p.last_name, u.last_name))
         is distinct from (u.username, u.email, u.first_name, u.last_name)
      or coalesce(p.organisation_id, u.organisation_id) is distinct from u.organisation_id
      or ($1 and p.account_expires_on is distinct from u.expires_on))
  returning u.id, account_fields(b) as before, account_fields(u) as after
),
unlinked as (
  delete from password_links where user_id in (select id from changed where before -> 'email' <> after -> 'email')
),
noted as (
  insert into load_changes (subject_kind, subject_id, person_id, before, after)
  select 'user', id, id, null, after from created
  union all
  select 'user', id, id, before, after from changed
)
select (select count(*) from created) as created, (select count(*) from changed) as changed,
  (select count(*) from load_people) as rows
