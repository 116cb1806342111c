do $$ begin
  execute format('revoke delete on audit_changes from %I', current_user);
end $$;
drop trigger audit_changes_of_the_gone on audit_changes;
drop function audit_changes_of_the_gone;
drop trigger audit_changes_are_append_only on audit_changes;
create trigger audit_changes_are_append_only before update or delete or truncate on audit_changes
  for each statement execute function audit_is_append_only();
drop function account_fields;
drop function path_in_scope;
