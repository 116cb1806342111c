create or replace function user_limit_changed() returns trigger
language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into user_limit_changes (organisation_id, user_limit, changed_at)
    select id, user_limit, headroom_now() from new_rows where user_limit is not null;
    insert into license_log (root_id, organisation_id, day, at, delta)
    select id, id, (headroom_now() at time zone time_zone)::date, headroom_now(), 0 from new_rows where parent_id is null;
  else
    insert into user_limit_changes (organisation_id, user_limit, changed_at)
    select n.id, n.user_limit, headroom_now() from new_rows n join old_rows o using (id)
    where n.user_limit is distinct from o.user_limit;
    insert into license_log (root_id, organisation_id, day, at, delta)
    select n.id, n.id, (headroom_now() at time zone n.time_zone)::date, headroom_now(), 0
    from new_rows n join old_rows o using (id)
    where n.parent_id is null and n.user_limit is distinct from o.user_limit;
    update agreements a set user_limit = n.user_limit, tier_id = null
    from new_rows n join old_rows o using (id)
    where n.parent_id is null and n.user_limit is distinct from o.user_limit and n.user_limit is not null
      and a.organisation_id = n.id and a.user_limit <> n.user_limit
      and (headroom_now() at time zone n.time_zone)::date between a.starts_on and a.ends_on;
  end if;
  return null;
end $$;
