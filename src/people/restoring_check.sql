-- How many of these people can be restored by somebody, and what was theirs.
-- $1 user ids, $2 scope (null: everything), $3 to $5 whom the restorer may manage, $6 now
select
  count(*) filter (where d.restorable_until > $6 and ($2 is null or exists (
    select from organisation_closure s
    where s.descendant_id = d.organisation_id and s.ancestor_id = any ($2)))) as inside,
  count(*) filter (where not $3 and exists (
    select from jsonb_populate_recordset(null::role_grants, d.role_grants) g
    where (g.organisation_id is null or exists (select from organisations o where o.id = g.organisation_id))
      and not (g.role = any ($4) and exists (
        select from organisation_closure c
        where c.descendant_id = g.organisation_id and c.ancestor_id = any ($5))))) as beyond,
  coalesce(sum(jsonb_array_length(d.enrolments)), 0)::bigint as enrolments,
  coalesce(sum(jsonb_array_length(d.role_grants)), 0)::bigint as roles,
  common_organisation(array_agg(distinct d.organisation_id)) as organisation_id
from deleted_users d
where d.user_id = any ($1)
