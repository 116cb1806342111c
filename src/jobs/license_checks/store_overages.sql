-- Episodes that are new, have moved on, or are over. $1 ids, $2 organisations, $3 opened, $4 day 0, $5 stages, $6 major since,
-- $7 why, $8 when they are upgraded, $9 closed, $10 by what
insert into overages (id, organisation_id, opened_at, notice_on, stage, major_since, major_cause, major_due_at, closed_at, closed_by)
select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (id) do update set
  stage = excluded.stage, major_since = excluded.major_since, major_cause = excluded.major_cause,
  major_due_at = excluded.major_due_at, closed_at = excluded.closed_at, closed_by = excluded.closed_by
