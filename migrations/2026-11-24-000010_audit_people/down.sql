create index audit_changes_subject on audit_changes (subject_id);
drop index audit_changes_person;
alter table audit_changes drop column person_id;
