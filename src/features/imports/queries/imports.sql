-- $1 scope (null: everything), $2 how many, $3 after how many, $4 the reader
select i.id, o.name as organisation, uploader.name as created_by, i.created_at, i.file_name, i.synchronize,
  i.state as state_code, coalesce(j.state in ('failed', 'done') and i.state in ('reading', 'applying'), false) as failed,
  i.counts, i.result, count(*) over () as total
from imports i
join organisations o on o.id = i.organisation_id
left join users uploader on uploader.id = i.created_by
left join jobs j on j.id = i.job_id
where import_is_seen_by(i, $4, $1)
order by i.created_at desc, i.id desc
limit $2 offset $3
