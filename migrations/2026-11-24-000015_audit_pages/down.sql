create index audit_entries_at on audit_entries (at);
create index audit_entries_organisation on audit_entries (organisation_id, at);
create index audit_entries_actor on audit_entries (actor_id, at);
create index audit_entries_subject on audit_entries (subject_id, at);
drop index audit_entries_newest, audit_entries_organisation_newest, audit_entries_action_newest,
  audit_entries_organisation_action_newest, audit_entries_kind_newest, audit_entries_organisation_kind_newest,
  audit_entries_actor_newest, audit_entries_subject_newest;
