-- $1 user ids, $2 another organisation (null: none)
with given as materialized (select id from unnest($1) id)
select
  (select count(*) from given g join enrolments e on e.user_id = g.id) as enrolments,
  (select count(e.completed_on) from given g join enrolments e on e.user_id = g.id) as completed,
  (select count(*) from given g join role_grants r on r.user_id = g.id) as roles,
  (select common_organisation(array_agg(distinct u.organisation_id) || $2) from given g join users u using (id)) as organisation
