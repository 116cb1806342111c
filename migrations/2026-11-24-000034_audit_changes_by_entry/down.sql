create index audit_changes_subject on audit_changes (subject_id);
