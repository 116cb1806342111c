-- Whether a plan depends on nothing but its organisation's subtree, the names above it, and what is free everywhere.
-- Refused rows may depend on people anywhere. $1 import, $2 its organisation
with subtree as materialized (
  select descendant_id as id from organisation_closure where ancestor_id = $2
)
select not exists (select from import_refusals where import_id = $1 and not of_the_file)
  -- people who come from elsewhere
  and not exists (
    select from import_candidates
    where known_id is not null and (was_organisation_id is null or was_organisation_id not in (select id from subtree)))
  -- org admins of elsewhere, who may be the last ones there
  and not exists (
    select from role_grants g
    where g.role = 'org_admin' and g.organisation_id not in (select id from subtree)
      and exists (
        select from import_plan p where p.import_id = $1 and p.kind in ('delete', 'protect') and p.person_id = g.user_id))
  as told
