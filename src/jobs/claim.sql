-- A job whose server died as often as a job is tried has failed: perhaps it is what kills them.
-- $1 now, $2 until when it is ours, $3 how often a job is tried
with dead as (
  update jobs set state = 'failed', leased_until = null, finished_at = $1, last_error = 'the server ended, again and again'
  where state = 'running' and leased_until < $1 and attempts >= $3
)
update jobs set state = 'running', attempts = attempts + 1, leased_until = $2, progress_done = 0
where id = (
  select id from jobs
  where ((state = 'queued' and run_at <= $1) or (state = 'running' and leased_until < $1)) and attempts < $3
  order by run_at, id
  for update skip locked limit 1
)
returning id, payload, created_by, attempts
