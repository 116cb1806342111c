-- The change that a trigger has just recorded happened at the moment that is given, but not before an older change.
-- $1 roots, $2 the moment of each
update user_limit_changes c set changed_at = least(c.changed_at, greatest(wanted.since, (
  select max(older.changed_at) + interval '1 microsecond' from user_limit_changes older
  where older.organisation_id = wanted.id and older.changed_at < headroom_now())))
from unnest($1, $2) as wanted (id, since)
where c.id = (
  select recorded.id from user_limit_changes recorded
  where recorded.organisation_id = wanted.id and recorded.changed_at = headroom_now()
  order by recorded.id desc limit 1)
