-- $1 import, $2 scope (null: everything), $3 the reader
select i.id, i.organisation_id, o.name as organisation, uploader.name as created_by, i.created_by as created_by_id,
  i.created_at, i.file_name, i.file_bytes, i.synchronize, i.state as state_code, i.job_id,
  coalesce(j.kind = 'apply_import', false) as confirmed, j.state as job_state, j.progress_done as job_done,
  j.progress_total as job_total,
  j.result ->> 'reason' as job_reason, j.payload #>> '{work,confirm,missing}' as job_missing, i.reading as reading_json, i.planned_at, i.counts as counts_json, i.fingerprint,
  i.premises as premises_json, confirmer.name as applied_by, i.applied_at, i.result as result_json, i.deletion_entry_id
from imports i
join organisations o on o.id = i.organisation_id
left join users uploader on uploader.id = i.created_by
left join users confirmer on confirmer.id = i.applied_by
left join jobs j on j.id = i.job_id
where i.id = $1 and import_is_seen_by(i, $3, $2)
