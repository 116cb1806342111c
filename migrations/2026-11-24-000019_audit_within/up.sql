-- Whether a thing in the audit log is within a scope (null: everything) now: by the person whom it
-- concerns, who may be deleted, or else as an organisation or a learning experience.
create function change_within(change audit_changes, scope uuid[]) returns boolean
language sql stable as $$
  select scope is null or exists (
    select from organisation_closure s
    where s.ancestor_id = any (scope) and s.descendant_id in (
      select u.organisation_id from users u where u.id = change.person_id
      union all
      select d.organisation_id from deleted_users d where d.user_id = change.person_id
      union all
      select x.organisation_id from experiences x where x.id = change.subject_id and change.person_id is null
      union all
      select change.subject_id where change.person_id is null))
$$;

-- The log can be narrowed down to a kind of thing, which a bulk change has beside it.
create index audit_changes_kind on audit_changes (subject_kind, entry_id);
