-- $1 the hash of their password. Org admins at the root, a user manager in each of three regions, and learners.
with root as (select id from organisations where parent_id is null),
regions as (
  select o.id, row_number() over (order by o.name) - 1 as n from organisations o join root on o.parent_id = root.id
),
wanted (username, place, role) as (
  select 'soak-admin' || n, root.id, 'org_admin' from root, (values (''), ('2')) given (n)
  union all
  select 'soak-manager' || n, id, 'user_manager' from regions where n < 3
  union all
  select 'soak-learner' || n, id, null from regions where n < 3
),
added as (
  insert into users (organisation_id, username, email, first_name, last_name, password_hash)
  select place, username, username || '@soak.example', 'Soak', username, $1 from wanted
  returning id, username
),
enrolled as (
  insert into enrolments (user_id, experience_id, starts_on)
  select added.id, x.id, current_date - 10
  from added, (select id from experiences order by code limit 4) x where username like 'soak-learner%'
)
insert into role_grants (user_id, role, organisation_id)
select added.id, wanted.role, wanted.place from added join wanted using (username) where wanted.role is not null
