-- $1 user ids, $2 since when, $3 how many, $4 scope (null: everything), $5 whoever it is, also who is not among them
select person.name as person, actor.name as actor, a.at, c.subject_kind as kind, c.before, c.after,
  path_in_scope((c.after ->> 'organisation_id')::uuid, $4) as organisation
from audit_entries a
join audit_changes c on c.entry_id = a.id
left join users person on person.id = c.person_id
left join deleted_users gone on gone.user_id = c.person_id
left join users actor on actor.id = a.actor_id and ($4 is null or exists (
  select from organisation_closure s where s.descendant_id = actor.organisation_id and s.ancestor_id = any ($4)))
where a.at >= $2 and c.person_id is not null and (c.person_id = any ($1) or $5)
  and ($4 is null or coalesce(person.organisation_id, gone.organisation_id) in (
    select s.descendant_id from organisation_closure s where s.ancestor_id = any ($4)))
order by a.at desc, person.name, c.subject_id limit $3
