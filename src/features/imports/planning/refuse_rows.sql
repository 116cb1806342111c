-- What speaks against single rows. $1 import, $2 the name of its organisation, $3 whether roles on every
-- organisation may be granted, $4 which roles, $5 on which organisations, $6 whoever imports,
-- $7 the import's organisation, $8 whether the file has roles, $9 e-mail addresses to which no mail can be sent
insert into import_refusals (import_id, line, of_the_file, column_name, found, reason)
select $1, line, false, column_name, found, reason
from import_candidates c
cross join lateral (
  select 'user_id' as column_name, c.user_id::text as found, 'Nobody here has this unique ID.' as reason
  where c.user_id is not null and (c.known_id is null or not c.in_scope)
  union all
  select 'username', c.to_username, 'Somebody else has this username.'
  where c.user_id is null and c.known_id is not null and not c.in_scope
  union all
  select missing.column_name, null,
    case when c.known_id is null then 'A new user needs this.' else 'This must not be empty.' end
  from (values ('username', c.to_username), ('email', c.to_email), ('first_name', c.to_first_name),
    ('last_name', c.to_last_name)) missing (column_name, value)
  where (c.known_id is not null or c.user_id is null) and missing.value is null
  union all
  select 'email', c.to_email, 'No mail can be sent to this: it is not an e-mail address like name@example.org.'
  where c.to_email in (select unnest($9)) and c.to_email is distinct from c.was_email
    and (c.known_id is null and c.user_id is null or c.known_id is not null and c.in_scope)
  union all
  select 'organisation', c.place_text, case c.places
    when 0 then format('There is no such organisation in %s, for which this import is.', $2::text)
    else format('%s organisations are called this: give the path of names from the root.', c.places) end
  where c.place_text is not null and c.places <> 1
  union all
  select 'organisation', null, format(
    'This person is not in %s, for which this import is. Give an organisation to move them to.', $2::text)
  where c.in_scope and c.known_id is not null and c.place_text is null
    and not exists (
      select from organisation_closure s where s.descendant_id = c.to_organisation_id and s.ancestor_id = $7)
  union all
  select 'organisation', c.place_text,
    'This is in another organisation tree. Only an instance admin moves people from one tree to another.'
  where c.in_scope and not $3 and c.to_organisation_id <> c.was_organisation_id and not exists (
    select from organisation_closure a join organisation_closure b on b.ancestor_id = a.ancestor_id
    where a.descendant_id = c.was_organisation_id and b.descendant_id = c.to_organisation_id)
  union all
  select 'user_id', c.user_id::text, 'This person holds a role that you could not grant, so you cannot change them.'
  where c.in_scope and c.known_id is not null and not c.manageable
    and (c.to_username, c.to_email, c.to_first_name, c.to_last_name, c.to_organisation_id, c.to_roles, c.to_expires_on)
      is distinct from
      (c.was_username, c.was_email, c.was_first_name, c.was_last_name, c.was_organisation_id, c.was_roles, c.was_expires_on)
  union all
  select 'roles', c.to_roles, 'You cannot change your own roles or home organisation by an import.'
  where c.known_id = $6 and (c.to_roles <> c.was_roles or c.to_organisation_id is distinct from c.was_organisation_id)
  union all
  select 'account_expires_on', c.to_expires_on::text,
    'This would end your own account, or end it earlier: another administrator has to do that.'
  where c.known_id = $6 and c.to_expires_on < coalesce(c.was_expires_on, 'infinity')
  union all
  select 'roles', role, case
    when allowed then 'An account manager looks after whole trees: give the role on an organisation with none above it.'
    else 'You cannot grant or take this role there.' end
  from (
    select unnest(string_to_array(c.to_roles, ';')) as role, c.to_organisation_id as place
    except
    select unnest(string_to_array(c.was_roles, ';')), c.was_organisation_id
  ) gained
  cross join lateral (
    select $3 or role = any ($4) and exists (
      select from organisation_closure o where o.descendant_id = gained.place and o.ancestor_id = any ($5)) as allowed
  ) reach
  where $8 and c.in_scope and role <> '' and (not allowed or role = 'account_manager' and not exists (
    select from organisations root where root.id = gained.place and root.parent_id is null))
  union all
  select 'username', c.to_username, format(
    'The leading zeros are lost: it was %s. Format the column as text in the spreadsheet.', c.was_username)
  where c.known_id is not null and c.in_scope and c.to_username !~ '[^0-9]' and c.was_username !~ '[^0-9]'
    and c.was_username like '0%'
    and c.to_username <> c.was_username and ltrim(c.was_username, '0') = ltrim(c.to_username, '0')
  union all
  -- letters that a code page does not have become question marks
  select lost.column_name, lost.value, case
    when lost.was is null then
      'A letter seems to be lost where the ? is. Save the file as CSV UTF-8. If it is right like this, add this person by hand.'
    else format('A letter seems to be lost where the ? is: it was “%s”. Save the file as CSV UTF-8.', lost.was) end
  from (values ('username', c.was_username, c.to_username), ('first_name', c.was_first_name, c.to_first_name),
    ('last_name', c.was_last_name, c.to_last_name)) lost (column_name, was, value)
  where (c.known_id is null and c.user_id is null or c.known_id is not null and c.in_scope) and position('?' in lost.value) > 0
    and length(regexp_replace(lost.value, '[^?]', '', 'g')) > length(regexp_replace(coalesce(lost.was, ''), '[^?]', '', 'g'))
  union all
  select 'username', c.to_username, format(
    'A spreadsheet took it for a number: it was %s. Format the column as text in the spreadsheet.', c.was_username)
  where c.known_id is not null and c.in_scope and c.to_username <> c.was_username and c.was_username ~ '[^0-9]'
    and number_in(c.to_username) = number_in(c.was_username)
) refused
