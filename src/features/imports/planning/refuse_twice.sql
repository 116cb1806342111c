-- The same person, username or e-mail address twice in the file: nobody can say which row is right. Rows that could not be
-- read count too, as far as they say whom they mean.
-- Whoever is meant by unique ID and by username is looked for only when somebody is meant by username, else only who
-- is meant by rows that could not be read.
-- $1 import, $2 whether a unique ID may be there twice
with unread as materialized (
  select f.line, f.user_id, f.username, f.email, coalesce(by_id.id, by_name.id) as known_id,
    coalesce(by_id.username, by_name.username) as was_username, coalesce(by_id.email, by_name.email) as was_email
  from import_refusals f
  left join users by_id on by_id.id = f.user_id
  left join users by_name on f.user_id is null and by_name.username_key = lower(f.username)
  where f.import_id = $1 and f.of_the_file and (f.user_id is not null or f.username is not null or f.email is not null)
),
wholly as materialized (
  select $2 or exists (select from import_matched where by_name and known_id is not null) as all_rows
),
meant as (
  select line, user_id as known_id from import_rows
  where import_id = $1 and user_id is not null and (select all_rows from wholly)
  union all
  select line, user_id from import_rows
  where import_id = $1 and user_id in (select known_id from unread)
    and exists (select from unread where known_id is not null) and not (select all_rows from wholly)
  union all
  select line, known_id from import_matched where by_name and known_id is not null
  union all
  select line, known_id from unread where known_id is not null
),
usernames as (
  select line, to_username as found, lower(to_username) as key from import_candidates
  where to_username is not null and lower(to_username) is distinct from lower(was_username)
  union all
  select line, username, lower(username) from unread
  where username is not null and lower(username) is distinct from lower(was_username)
),
emails as (
  select line, to_email as found, lower(to_email) as key from import_candidates
  where to_email is not null and lower(to_email) is distinct from lower(was_email)
  union all
  select line, email, lower(email) from unread
  where email is not null and lower(email) is distinct from lower(was_email)
)
insert into import_refusals (import_id, line, of_the_file, column_name, found, reason)
select $1, line, false, column_name, found, format('The same is on line %s.', case line when first then last else first end)
from (
  select m.line, case when coalesce(r.user_id, f.user_id) is null then 'username' else 'user_id' end as column_name,
    coalesce(r.user_id::text, r.username, f.user_id::text, f.username) as found, twice.first, twice.last
  from (
    select known_id, min(line) as first, max(line) as last from meant group by known_id having count(*) > 1
  ) twice
  join users u on u.id = twice.known_id
  join meant m using (known_id)
  left join import_rows r on r.import_id = $1 and r.line = m.line
  left join unread f on f.line = m.line
  union all
  select line, 'username', found, first, last
  from (select key, min(line) as first, max(line) as last from usernames group by key having count(*) > 1) twice
  join usernames using (key)
  union all
  select line, 'email', found, first, last
  from (select key, min(line) as first, max(line) as last from emails group by key having count(*) > 1) twice
  join emails using (key)
) rows
