drop index jobs_created_by;
create index jobs_created_by on jobs (created_by);
alter table jobs drop column result;
