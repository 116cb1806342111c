create or replace function license_enrolments_changed() returns trigger
language plpgsql as $$
begin
  case tg_op
    when 'INSERT' then
      perform license_refresh((select array_agg(distinct user_id) from new_rows));
    when 'DELETE' then
      perform license_refresh((select array_agg(distinct user_id) from old_rows));
    else
      -- not for a completion, a due date or an access
      perform license_refresh((
        select array_agg(distinct touched.user_id)
        from old_rows o join new_rows n using (id)
        cross join lateral (values (o.user_id), (n.user_id)) touched (user_id)
        where (o.user_id, o.starts_on, o.expires_on) is distinct from (n.user_id, n.starts_on, n.expires_on)));
  end case;
  return null;
end $$;

create or replace function license_users_changed() returns trigger
language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    perform license_refresh((select array_agg(id) from old_rows));
  else
    perform license_refresh((
      select array_agg(id) from old_rows o join new_rows n using (id)
      where (o.organisation_id, o.expires_on) is distinct from (n.organisation_id, n.expires_on)));
  end if;
  return null;
end $$;
