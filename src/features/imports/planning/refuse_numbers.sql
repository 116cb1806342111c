-- New people whose username, but for leading zeros or an exponent, somebody has: a spreadsheet took them for numbers.
-- Who is called by a number is looked for only when the file has such a username.
-- $1 import, $2 its organisation
insert into import_refusals (import_id, line, of_the_file, column_name, found, reason)
select $1, c.line, false, 'username', c.to_username, format(
  'The leading zeros seem to be lost: there is %s. Format the column as text in the spreadsheet.', min(u.username))
from import_candidates c
join users u on ltrim(u.username, '0') = c.to_username
where c.known_id is null and c.user_id is null and c.to_username !~ '[^0-9]' and c.to_username not like '0%' and u.username like '0%'
  and u.organisation_id in (select descendant_id from organisation_closure where ancestor_id = $2)
  and exists (select from import_candidates where known_id is null and user_id is null and to_username !~ '[^0-9]')
group by c.line, c.to_username
union all
select $1, c.line, false, 'username', c.to_username, format(
  'A spreadsheet seems to have taken it for a number: there is %s. Format the column as text in the spreadsheet.',
  min(u.username))
from import_candidates c
join (
  select username, number_in(username) as number from users
  where username ~ '[^0-9]' and username !~ '[^0-9.eE+-]'
    and organisation_id in (select descendant_id from organisation_closure where ancestor_id = $2)
) u on u.number = number_in(c.to_username)
where c.known_id is null and c.user_id is null
  and exists (
    select from import_candidates where known_id is null and user_id is null and number_in(to_username) is not null)
group by c.line, c.to_username
