drop table audit_changes;
drop table audit_entries;
drop function audit_is_append_only();
