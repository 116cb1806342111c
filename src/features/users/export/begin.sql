-- Whoever was created or moved before complete_until is in the file if they belong there. A transaction dates
-- what it creates to its own beginning, and one that is open now may end after the file's snapshot is taken: so
-- the beginning of the oldest counts, less the moment that it takes to show there.
-- $1 id, $2 now, $3 who, $4 organisation, $5 nothing else narrows it down, $6 filter
insert into exports (id, created_at, created_by, organisation_id, whole, filter, complete_until)
select $1, $2, $3, $4, $5, $6, coalesce(min(xact_start), now()) - interval '1 second'
from pg_stat_activity
where datname = current_database() and backend_type = 'client backend'
