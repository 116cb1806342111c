-- What this check knew. $1 roots, $2 until when they were checked, $3 used, $4 limits, $5 percentages told of, $6 the same of re-uses,
-- $7 the years of those, $8 coming days on which the limit is exceeded, $9 when to look again
insert into license_checks (root_id, checked_until, used, user_limit, warned_percent, re_uses_warned_percent,
  re_uses_warned_year, crossing_on, due_at)
select root_id, checked_until, used, user_limit, warned_percent, re_uses_warned_percent, re_uses_warned_year, crossing_on, due_at
from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) given (root_id, checked_until, used, user_limit, warned_percent, re_uses_warned_percent,
  re_uses_warned_year, crossing_on, due_at)
on conflict (root_id) do update set
  checked_until = excluded.checked_until, used = excluded.used, user_limit = excluded.user_limit,
  warned_percent = excluded.warned_percent, re_uses_warned_percent = excluded.re_uses_warned_percent,
  re_uses_warned_year = excluded.re_uses_warned_year, crossing_on = excluded.crossing_on, due_at = excluded.due_at
