-- Whom a change concerns: the history of a person finds the changes of their enrolments by it.
-- Nothing looks for a single enrolment's or role's changes, so their index goes.
alter table audit_changes add column person_id uuid;
create index audit_changes_person on audit_changes (person_id) where person_id is not null;
drop index audit_changes_subject;
