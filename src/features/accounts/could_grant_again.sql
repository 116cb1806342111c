-- Whether the other roles of a person allow to grant one of theirs again. $1 the person, $2 the role that they hold,
-- $3 what an instance admin grants, $4 what an org admin grants below their organisation
select exists (
  select from role_grants other join role_grants taken on taken.id = $2
  where other.user_id = $1 and other.id <> taken.id and case other.role
    when 'instance_admin' then taken.role = any ($3)
    when 'org_admin' then taken.role = any ($4) and exists (
      select from organisation_closure c
      where c.ancestor_id = other.organisation_id and c.descendant_id = taken.organisation_id)
    else false end
) as could
