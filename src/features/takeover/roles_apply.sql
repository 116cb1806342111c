-- Roles on the home organisation become those of the file, where it has such a column. Whoever is
-- moved leaves the roles on the former home organisation behind.
with wanted as (
  select p.id as user_id, u.organisation_id, role
  from load_people p join users u on u.id = p.id
  cross join lateral unnest(string_to_array(p.roles, ';')) role
  where p.roles <> ''
),
taken as (
  delete from role_grants g
  using load_people p, users u
  where p.roles is not null and u.id = p.id and g.user_id = u.id
    and (g.organisation_id = u.organisation_id and not g.role = any (string_to_array(p.roles, ';'))
      or g.organisation_id = p.former_organisation_id and p.former_organisation_id <> u.organisation_id)
  returning g.id, g.user_id, g.role, g.organisation_id
),
granted as (
  insert into role_grants (user_id, role, organisation_id)
  select user_id, role, organisation_id from wanted w
  where not exists (
    select from role_grants g
    where g.user_id = w.user_id and g.role = w.role and g.organisation_id = w.organisation_id)
  returning id, user_id, role, organisation_id
),
noted as (
  insert into load_changes (subject_kind, subject_id, person_id, before, after)
  select 'role', id, user_id, jsonb_build_object('role', role, 'organisation_id', organisation_id), null from taken
  union all
  select 'role', id, user_id, null, jsonb_build_object('role', role, 'organisation_id', organisation_id) from granted
)
select (select count(*) from granted) as created, (select count(*) from taken) as changed,
  (select count(*) from load_people where roles is not null) as rows
