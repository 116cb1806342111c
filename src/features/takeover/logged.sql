-- What was written, in the audit log: of what was there before only what is different now, and of an enrolment always what it
-- is on. $1 the audit entry
insert into audit_changes (entry_id, subject_kind, subject_id, person_id, before, after)
select $1, c.subject_kind, c.subject_id, c.person_id,
  case when c.after is null then c.before else differing.before || coalesce(what, '{}') end,
  case when c.before is null then c.after else differing.after || coalesce(what, '{}') end
from load_changes c
left join lateral (
  select jsonb_object_agg(b.key, b.value) as before, jsonb_object_agg(a.key, a.value) as after
  from jsonb_each(c.before) b join jsonb_each(c.after) a using (key)
  where a.value <> b.value
) differing on c.before is not null and c.after is not null
left join lateral (
  select jsonb_build_object('experience_id', e.experience_id) as what from enrolments e
  where c.subject_kind = 'enrolment' and e.id = c.subject_id
) enrolled on c.before is not null
order by c.person_id, c.subject_id -- the indexes are faster so
