drop function license_highest_limit(uuid, date, date);
create function license_highest_limit(root uuid, year_starts_on date) returns integer
language sql stable as $$
  select max(c.user_limit) from user_limit_changes c
  where c.organisation_id = root and c.changed_at >= coalesce((
    select max(before.changed_at) from user_limit_changes before join organisations o on o.id = root
    where before.organisation_id = root
      and before.changed_at <= year_starts_on::timestamp at time zone o.time_zone), '-infinity')
$$;
