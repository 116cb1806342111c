-- $1 job, $2 the attempt, $3 the error, $4 when it has failed for good (null: it is tried again), $5 when
update jobs set state = case when $4::timestamptz is null then 'queued' else 'failed' end,
  leased_until = null, last_error = $3, finished_at = $4, run_at = $5
where id = $1 and attempts = $2 and state = 'running'
