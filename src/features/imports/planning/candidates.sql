-- $2 the import's organisation; whether the file has the column $3 username, $4 email, $5 first_name,
-- $6 last_name, $7 organisation, $8 roles, $9 account_expires_on; $10 scope (null: everything),
-- $11 to $13 whose accounts the person may change
insert into import_candidates
select m.line, m.user_id, m.known_id, coalesce(m.known_id, uuid_v7()),
  m.known_id is null or $10 is null or exists (
    select from organisation_closure s where s.descendant_id = m.home and s.ancestor_id = any ($10)),
  held.roles is null or may_be_managed(m.known_id, $11, $12, $13),
  m.organisation, place.found,
  m.was_username, m.was_email, m.was_first_name, m.was_last_name, m.home, coalesce(at_home.roles, ''), m.was_expires_on,
  case when m.known_id is null or $3 then as_it_was(m.username, m.was_username) else m.was_username end,
  case when m.known_id is null or $4 then m.email else m.was_email end,
  case when m.known_id is null or $5 then as_it_was(m.first_name, m.was_first_name) else m.was_first_name end,
  case when m.known_id is null or $6 then as_it_was(m.last_name, m.was_last_name) else m.was_last_name end,
  case when m.organisation is not null then place.organisation_id
    when m.known_id is null or $7 then $2 else m.home end,
  case when $8 then coalesce(m.roles, '') when m.known_id is null then '' else coalesce(at_home.roles, '') end,
  case when m.known_id is null or $9 then m.account_expires_on else m.was_expires_on end
from import_matched m
left join import_places place on place.text = m.organisation
left join (select user_id, count(*) as roles from role_grants group by user_id) held on held.user_id = m.known_id
left join lateral (
  -- of somebody who is moved also what they hold there already: the file says what they hold in the end
  select string_agg(distinct g.role, ';' order by g.role) as roles from role_grants g
  where g.user_id = m.known_id and g.organisation_id in (
    m.home, case when $8 then coalesce(place.organisation_id, case when $7 then $2 end) end)
) at_home on held.roles is not null
where m.differs
