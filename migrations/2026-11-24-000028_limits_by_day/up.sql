-- The user limit of its own that an organisation had, has or will have on a day: at the end of a past day, now, and
-- when a coming license year has begun that is agreed on already.
create function user_limit_on(organisation_id uuid, on_day date, today date, time_zone text) returns integer
language sql stable as $$
  select case
    when on_day < today then (
      select c.user_limit from user_limit_changes c
      where c.organisation_id = $1 and c.changed_at < license_day_ends(on_day, time_zone)
      order by c.changed_at desc, c.id desc limit 1)
    when on_day > today then coalesce(
      (select a.user_limit from agreements a
       where a.organisation_id = $1 and a.starts_on > today and a.starts_on <= on_day
       order by a.starts_on desc limit 1),
      (select o.user_limit from organisations o where o.id = $1))
    else (select o.user_limit from organisations o where o.id = $1)
  end
$$;

-- How many users of an organisation's subtree were active at the end of a closed day.
create function license_closing(organisation_id uuid, on_day date) returns integer
language sql stable as $$
  select coalesce((
    select d.closing from license_days d
    where d.organisation_id = $1 and d.day <= on_day order by d.day desc limit 1), 0)
$$;
