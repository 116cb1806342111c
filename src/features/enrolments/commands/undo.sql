-- Puts expiry dates back that an entry set, where nobody has set them since, not even to the same.
-- $1 enrolment ids, $2 that entry, $3 the entry of the undoing
with before as materialized (
  select e.id, e.expires_on, (c.before ->> 'expires_on')::date as former
  from audit_changes c join enrolments e on e.id = c.subject_id
  where c.entry_id = $2 and c.subject_id = any ($1)
    and e.expires_on is not distinct from (c.after ->> 'expires_on')::date
    and e.expires_on is distinct from (c.before ->> 'expires_on')::date
    and not exists (
      select from audit_changes later
      join audit_entries l on l.id = later.entry_id
      where later.person_id = c.person_id and later.subject_id = c.subject_id and later.entry_id <> c.entry_id
        and later.before ? 'expires_on' and later.after ? 'expires_on' and l.at > (select of.at from audit_entries of where of.id = $2))
  order by e.id for update of e
),
changed as (
  update enrolments e set expires_on = b.former from before b where e.id = b.id
  returning e.id, e.user_id, e.experience_id, e.expires_on, b.expires_on as was
),
logged as (
  insert into audit_changes (entry_id, subject_kind, subject_id, person_id, before, after)
  select $3, 'enrolment', id, user_id,
    jsonb_build_object('experience_id', experience_id, 'expires_on', was),
    jsonb_build_object('experience_id', experience_id, 'expires_on', expires_on)
  from changed
)
select count(*) as count, coalesce(array_agg(distinct user_id), '{}') as people from changed
