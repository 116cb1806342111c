-- One import that is older than its file is kept, still has something of it, and is not being worked on.
-- $1 now, $2 days
select i.id, i.organisation_id, i.state
from imports i left join jobs j on j.id = i.job_id
where i.created_at < $1 - make_interval(days => $2)
  and coalesce(i.applied_at, i.created_at) < $1 - make_interval(days => $2)
  and (j.id is null or j.state not in ('queued', 'running'))
  and (i.state = 'planned'
    or exists (select from import_pieces p where p.import_id = i.id)
    or exists (select from import_rows r where r.import_id = i.id)
    or exists (select from import_plan p where p.import_id = i.id)
    or exists (select from import_refusals r where r.import_id = i.id))
order by i.created_at, i.id
limit 1
for update of i skip locked
