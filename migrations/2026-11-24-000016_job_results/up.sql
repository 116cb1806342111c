-- What came of a job, for the page of whoever started it.
alter table jobs add column result jsonb;
drop index jobs_created_by;
create index jobs_created_by on jobs (created_by, created_at);
