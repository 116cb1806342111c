-- The list of notices about one topic: with kinds that are rare, the index by time led through all notices of every root.
create index notices_kind on notices (organisation_id, kind, at, id);
