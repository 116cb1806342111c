drop index audit_changes_kind;
drop function change_within;
