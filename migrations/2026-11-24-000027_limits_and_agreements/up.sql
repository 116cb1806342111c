-- A limit that is set on a root by itself, as when a platform's data is taken over, becomes part of the agreement
-- that is in force, never of one for a year that has not begun; and it is among what was agreed.
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
    with followed as (
      update agreements a set user_limit = n.user_limit, tier_id = null
      from new_rows n join old_rows o using (id)
      where n.parent_id is null and n.user_limit is distinct from o.user_limit and n.user_limit is not null
        and a.organisation_id = n.id and a.user_limit <> n.user_limit and a.in_force_since is not null
        and (headroom_now() at time zone n.time_zone)::date between a.starts_on and a.ends_on
      returning a.*
    )
    insert into agreement_changes
      (agreement_id, kind, changed_at, user_limit, yearly_price, currency, re_uses_per_license,
       extra_users, extra_users_from, extra_users_until)
    select id, 'changed', headroom_now(), user_limit, yearly_price, currency, re_uses_per_license,
      extra_users, extra_users_from, extra_users_until
    from followed;
  end if;
  return null;
end $$;
