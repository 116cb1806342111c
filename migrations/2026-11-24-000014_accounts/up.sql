-- The path of an organisation as far as a reader's scope reaches; null outside it.
create function path_in_scope(organisation uuid, scope uuid[]) returns text
language sql stable as $$
  select string_agg(a.name, ' > ' order by c.depth desc)
  from organisation_closure c join organisations a on a.id = c.ancestor_id
  where c.descendant_id = organisation
    and (scope is null or exists (
      select from organisation_closure s where s.descendant_id = a.id and s.ancestor_id = any (scope)))
$$;

-- What of an account can be edited: what the audit log keeps of it, and by what a change in the
-- meantime is noticed. Never the password.
create function account_fields(account users) returns jsonb
language sql immutable as $$
  select jsonb_build_object(
    'organisation_id', account.organisation_id, 'username', account.username, 'email', account.email,
    'first_name', account.first_name, 'last_name', account.last_name, 'language', account.language,
    'time_zone', account.time_zone, 'job_function', account.job_function,
    'organisation_reference', account.organisation_reference, 'expires_on', account.expires_on)
$$;

-- When a deleted person can no longer be restored, what the audit log knows about them goes too;
-- that something happened, when and by whom stays. So the role that runs the program may delete
-- from audit_changes again, and a trigger sees to it that it is somebody who is gone for good.
create function audit_changes_of_the_gone() returns trigger
language plpgsql as $$
begin
  if old.person_id is null
    or exists (select from users where id = old.person_id)
    or exists (select from deleted_users where user_id = old.person_id)
  then
    raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
  end if;
  return old;
end $$;
drop trigger audit_changes_are_append_only on audit_changes;
create trigger audit_changes_are_append_only before update or truncate on audit_changes
  for each statement execute function audit_is_append_only();
create trigger audit_changes_of_the_gone before delete on audit_changes
  for each row execute function audit_changes_of_the_gone();
do $$ begin
  execute format('grant delete on audit_changes to %I', current_user);
end $$;
