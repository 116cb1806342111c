-- The highest limit that was in force at any moment of a license year until the end of a day: the year's capacity follows
-- it. One for all pages and mails, which had their own and did not agree on the limit with which a year begins.
create function license_highest_limit(root uuid, year_starts_on date, until date) returns integer
language sql stable as $$
  select max(c.user_limit) from user_limit_changes c join organisations o on o.id = root
  where c.organisation_id = root and c.changed_at < license_day_ends(until, o.time_zone)
    and c.changed_at >= coalesce((
      -- what is set at the very midnight is what the year begins with
      select max(before.changed_at) from user_limit_changes before
      where before.organisation_id = root
        and before.changed_at <= year_starts_on::timestamp at time zone o.time_zone), '-infinity')
$$;
-- The former one with two arguments stays as long as servers of the version before may still run.
