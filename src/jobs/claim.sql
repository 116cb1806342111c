-- $1 now, $2 until when it is ours
update jobs set state = 'running', attempts = attempts + 1, leased_until = $2, progress_done = 0
where id = (
  select id from jobs
  where (state = 'queued' and run_at <= $1) or (state = 'running' and leased_until < $1)
  order by run_at, id
  for update skip locked limit 1
)
returning id, payload, created_by, attempts
