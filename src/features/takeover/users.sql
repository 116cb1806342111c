-- Each row with the person it means: by user_id, else by username.
create temporary table load_people on commit drop as
select s.*, lower(s.username) as username_key, lower(s.email) as email_key,
  coalesce(by_id.id, by_name.id) as known_id,
  coalesce(by_id.id, by_name.id, uuid_v7()) as id,
  n.id as organisation_id,
  coalesce(by_id.organisation_id, by_name.organisation_id) as former_organisation_id
from load_users s
left join users by_id on by_id.id = s.user_id
left join users by_name on s.user_id is null and by_name.username_key = lower(s.username)
left join load_named n on n.text = s.organisation and n.found = 1;
create index on load_people (known_id);
analyze load_people;

insert into load_refusals
select line, 'user_id', format('nobody has the unique ID %s', user_id)
from load_people where user_id is not null and known_id is null;

insert into load_refusals
select p.line, missing.column_name, 'is required for a new user'
from load_people p
cross join lateral (values
  ('username', p.username), ('email', p.email), ('first_name', p.first_name), ('last_name', p.last_name),
  ('organisation', p.organisation)
) missing (column_name, value)
where p.known_id is null and p.user_id is null and missing.value is null;

insert into load_refusals
select p.line, 'organisation', case n.found
    when 0 then format('“%s” is no organisation', p.organisation)
    else format('“%s” is the name of %s organisations; give the path from the root', p.organisation, n.found) end
from load_people p join load_named n on n.text = p.organisation
where n.found <> 1;

-- The same person, username or e-mail address twice in the file.
insert into load_refusals
select line, column_name, format('is the same as on line %s', first_line)
from (
  select line, 'user_id' as column_name, min(line) over (partition by known_id) as first_line
  from load_people where known_id is not null
  union all
  select line, 'username', min(line) over (partition by username_key) from load_people where username is not null
  union all
  select line, 'email', min(line) over (partition by email_key) from load_people where email is not null
) rows
where line > first_line
  -- two rows for one person by username are told once
  and not (column_name = 'user_id' and exists (
    select from load_people a join load_people b on b.username_key = a.username_key and b.line = first_line
    where a.line = rows.line));

-- A username or e-mail address of somebody whom the file leaves as they are.
insert into load_refusals
select p.line, 'username', format('somebody else has the username “%s”', p.username)
from load_people p join users u on u.username_key = p.username_key and u.id <> p.id
where not exists (select from load_people q where q.known_id = u.id and q.username is not null);
insert into load_refusals
select p.line, 'email', format('somebody else has the e-mail address “%s”', p.email)
from load_people p join users u on u.email_key = p.email_key and u.id <> p.id
where not exists (select from load_people q where q.known_id = u.id and q.email is not null);

-- Before their rows are changed, the turn of those who are there: in this order, like every other change of people.
select count(*) from (
  select from license_spans where user_id in (select known_id from load_people) order by user_id for no key update
) locked;
