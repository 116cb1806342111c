-- $1 enrolment ids, $2 since when, $3 how many, $4 scope (null: everything), $5 user ids, $6 a learning experience (null:
-- none), $7 whosever it is
select learner.name as learner, actor.name as actor, a.actor_id is null as by_program, a.at, c.before, c.after
from audit_entries a
join audit_changes c on c.entry_id = a.id
left join users learner on learner.id = c.person_id
left join deleted_users gone on gone.user_id = c.person_id
left join users actor on actor.id = a.actor_id and ($4 is null or exists (
  select from organisation_closure s where s.descendant_id = actor.organisation_id and s.ancestor_id = any ($4)))
where a.at >= $2 and c.subject_kind = 'enrolment'
  and (c.subject_id = any ($1) or c.person_id = any ($5) or coalesce(c.after, c.before) ->> 'experience_id' = $6 or $7)
  and ($4 is null or coalesce(learner.organisation_id, gone.organisation_id) in (
    select s.descendant_id from organisation_closure s where s.ancestor_id = any ($4)))
order by a.at desc, learner.name limit $3
