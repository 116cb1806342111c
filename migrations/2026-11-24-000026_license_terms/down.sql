drop function license_highest_limit(uuid, date);
drop trigger agreements_changed on agreements;
drop function agreements_changed();
create or replace function user_limit_changed() returns trigger
language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into user_limit_changes (organisation_id, user_limit)
    select id, user_limit from new_rows where user_limit is not null;
  else
    insert into user_limit_changes (organisation_id, user_limit)
    select n.id, n.user_limit from new_rows n join old_rows o using (id)
    where n.user_limit is distinct from o.user_limit;
  end if;
  return null;
end $$;
drop table notices;
drop table overages;
drop table license_checks;
drop table agreement_changes;
alter table agreements
  drop constraint agreements_do_not_overlap,
  drop constraint extra_users_are_permitted_for_days,
  drop column in_force_since,
  drop column extra_users_from,
  drop column currency,
  drop column yearly_price,
  drop column user_limit;
drop extension btree_gist;
drop index tiers_user_limit;
drop index tiers_name;
-- of tiers that share a name or a limit now, the one in use stays as it is
update tiers t set name = t.name || ' ' || t.id where retired_at is not null;
delete from tiers t where retired_at is not null and not exists (select from agreements a where a.tier_id = t.id);
alter table tiers
  drop column retired_at,
  add constraint tiers_name_key unique (name),
  add constraint tiers_user_limit_key unique (user_limit);
drop table holidays;
alter table instance_settings drop column mail_sender, drop column warning_percents;
