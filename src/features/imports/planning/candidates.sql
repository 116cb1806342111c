-- $1 import, $2 its organisation; whether the file has the column $3 username, $4 email, $5 first_name,
-- $6 last_name, $7 organisation, $8 roles, $9 account_expires_on; $10 scope (null: everything),
-- $11 to $13 whose accounts the person may change
insert into import_candidates
select r.line, r.user_id, m.known_id, coalesce(m.known_id, uuid_v7()),
  u.id is null or $10 is null or exists (
    select from organisation_closure s where s.descendant_id = u.organisation_id and s.ancestor_id = any ($10)),
  held.roles is null or may_be_managed(u.id, $11, $12, $13),
  r.organisation, place.found,
  u.username, u.email, u.first_name, u.last_name, u.organisation_id, coalesce(at_home.roles, ''), u.expires_on,
  case when u.id is null or $3 then as_it_was(r.username, u.username) else u.username end,
  case when u.id is null or $4 then r.email else u.email end,
  case when u.id is null or $5 then as_it_was(r.first_name, u.first_name) else u.first_name end,
  case when u.id is null or $6 then as_it_was(r.last_name, u.last_name) else u.last_name end,
  case when r.organisation is not null then place.organisation_id
    when u.id is null or $7 then $2 else u.organisation_id end,
  case when $8 then coalesce(r.roles, '') when u.id is null then '' else coalesce(at_home.roles, '') end,
  case when u.id is null or $9 then r.account_expires_on else u.expires_on end
from import_matched m
join import_rows r on r.import_id = $1 and r.line = m.line
left join users u on u.id = m.known_id
left join import_places place on place.text = r.organisation
left join (select user_id, count(*) as roles from role_grants group by user_id) held on held.user_id = u.id
left join lateral (
  -- of somebody who is moved also what they hold there already: the file says what they hold in the end
  select string_agg(distinct g.role, ';' order by g.role) as roles from role_grants g
  where g.user_id = u.id and g.organisation_id in (
    u.organisation_id, case when $8 then coalesce(place.organisation_id, case when $7 then $2 end) end)
) at_home on held.roles is not null
where m.differs
