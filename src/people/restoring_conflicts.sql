-- Who of these people cannot be restored because something is taken or gone meanwhile. $1 user ids
select * from (
  select d.user_id, concat(a.first_name, ' ', a.last_name) as name, a.username, a.email,
    exists (select from users u where u.username_key = lower(a.username) or u.id = d.user_id)
      or count(*) over (partition by lower(a.username)) > 1 as username_taken,
    exists (select from users u where u.email_key = lower(a.email))
      or count(*) over (partition by lower(a.email)) > 1 as email_taken,
    d.organisation_id is not null
      and not exists (select from organisations o where o.id = d.organisation_id) as organisation_gone
  from deleted_users d
  cross join jsonb_to_record(d.account) as a (username text, email text, first_name text, last_name text)
  where d.user_id = any ($1)
) checked
where username_taken or email_taken or organisation_gone
order by name, user_id
limit 100
