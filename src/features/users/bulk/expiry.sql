-- $1 user ids, $2 the accounts' last day (null: none), $3 the audit entry
with before as materialized (
  select id, expires_on from users where id = any ($1) and expires_on is distinct from $2 order by id for no key update
),
changed as (
  update users u set expires_on = $2 from before b where u.id = b.id
  returning u.id, b.expires_on as was
),
logged as (
  insert into audit_changes (entry_id, subject_kind, subject_id, person_id, before, after)
  select $3, 'user', id, id, jsonb_build_object('expires_on', was), jsonb_build_object('expires_on', $2)
  from changed
)
select count(*) as count from changed
