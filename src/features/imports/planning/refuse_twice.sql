-- The same person, username or e-mail address twice in the file: nobody can say which row is right.
-- Whoever is meant by unique ID and by username is looked for only when somebody is meant by username.
-- $1 import, $2 whether a unique ID may be there twice
with meant as (
  select line, user_id as known_id from import_rows
  where import_id = $1 and user_id is not null
    and ($2 or exists (select from import_matched where by_name and known_id is not null))
  union all
  select line, known_id from import_matched where by_name and known_id is not null
)
insert into import_refusals (import_id, line, of_the_file, column_name, found, reason)
select $1, line, false, column_name, found, format('The same is on line %s.', case line when first then last else first end)
from (
  select m.line, case when r.user_id is null then 'username' else 'user_id' end as column_name,
    coalesce(r.user_id::text, r.username) as found, twice.first, twice.last
  from (
    select known_id, min(line) as first, max(line) as last from meant group by known_id having count(*) > 1
  ) twice
  join users u on u.id = twice.known_id
  join meant m using (known_id)
  join import_rows r on r.import_id = $1 and r.line = m.line
  union all
  select c.line, 'username', c.to_username, twice.first, twice.last
  from (
    select lower(to_username) as key, min(line) as first, max(line) as last from import_candidates
    where to_username is not null and lower(to_username) is distinct from lower(was_username)
    group by 1 having count(*) > 1
  ) twice
  join import_candidates c on lower(c.to_username) = twice.key and twice.key is distinct from lower(c.was_username)
  union all
  select c.line, 'email', c.to_email, twice.first, twice.last
  from (
    select lower(to_email) as key, min(line) as first, max(line) as last from import_candidates
    where to_email is not null and lower(to_email) is distinct from lower(was_email)
    group by 1 having count(*) > 1
  ) twice
  join import_candidates c on lower(c.to_email) = twice.key and twice.key is distinct from lower(c.was_email)
) rows
