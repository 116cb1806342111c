-- The audit log is read newest first, page after page: of everybody, of an organisation, of one
-- action or kind of thing, and of one of these in an organisation.
create index audit_entries_newest on audit_entries (at, id);
drop index audit_entries_at;
create index audit_entries_organisation_newest on audit_entries (organisation_id, at, id);
drop index audit_entries_organisation;
create index audit_entries_action_newest on audit_entries (action, at, id);
create index audit_entries_organisation_action_newest on audit_entries (organisation_id, action, at, id);
create index audit_entries_kind_newest on audit_entries (subject_kind, at, id);
create index audit_entries_organisation_kind_newest on audit_entries (organisation_id, subject_kind, at, id);
create index audit_entries_actor_newest on audit_entries (actor_id, at, id);
drop index audit_entries_actor;
create index audit_entries_subject_newest on audit_entries (subject_id, at, id);
drop index audit_entries_subject;
