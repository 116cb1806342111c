-- $1 user ids, $2 the organisation, $3 the audit entry
with before as materialized (
  select id, organisation_id from users
  where id = any ($1) and organisation_id is distinct from $2 order by id for no key update
),
changed as (
  update users u set organisation_id = $2 from before b where u.id = b.id
  returning u.id, b.organisation_id as was
),
logged as (
  insert into audit_changes (entry_id, subject_kind, subject_id, person_id, before, after)
  select $3, 'user', id, id, jsonb_build_object('organisation_id', was), jsonb_build_object('organisation_id', $2)
  from changed
)
select count(*) as count from changed
