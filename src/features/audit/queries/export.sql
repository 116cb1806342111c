-- $1 scope (null: everything), $2 conditions, $3 who asks, $4 people (null: everybody)
declare audit_export no scroll cursor for
with places as materialized (
  select distinct descendant_id as id from organisation_closure where ancestor_id = any ($1)
)
select e.id, e.at, e.actor_kind, e.actor_id, u.name::text as actor_name, e.address, e.action, e.detail,
  e.organisation_id, o.name as organisation, e.subject_kind, e.subject_id,
  touched.things, single.before, single.after
from audit_entries e
cross join lateral (select count(*) as things from audit_changes c where c.entry_id = e.id) touched
left join audit_changes single on touched.things = 1 and single.entry_id = e.id
  and ($1 is null or e.organisation_id in (select id from places) or change_within(single, $1))
left join users u on u.id = e.actor_id
left join organisations o on o.id = e.organisation_id and ($1 is null or o.id in (select id from places))
where $2
  and ($1 is null or e.actor_id = $3 or e.organisation_id in (select id from places))
  and ($4 is null or e.actor_id = any ($4) or e.subject_id = any ($4)
    or e.id in (select c.entry_id from audit_changes c where c.person_id = any ($4)))
order by e.at desc, e.id desc
