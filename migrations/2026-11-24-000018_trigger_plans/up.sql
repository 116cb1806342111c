-- Old and new rows are joined through EXECUTE: the plan that a session had made for a change of one row was kept
-- for a change of many thousand, whose rows were then compared each with each.
create or replace function license_enrolments_changed() returns trigger
language plpgsql as $$
declare
  touched uuid[];
begin
  case tg_op
    when 'INSERT' then
      select array_agg(distinct user_id) into touched from new_rows;
    when 'DELETE' then
      select array_agg(distinct user_id) into touched from old_rows;
    else
      -- not for a completion, a due date or an access
      execute '
        select array_agg(distinct touched.user_id)
        from old_rows o join new_rows n using (id)
        cross join lateral (values (o.user_id), (n.user_id)) touched (user_id)
        where (o.user_id, o.starts_on, o.expires_on) is distinct from (n.user_id, n.starts_on, n.expires_on)'
      into touched;
  end case;
  perform license_refresh(touched);
  return null;
end $$;

create or replace function license_users_changed() returns trigger
language plpgsql as $$
declare
  touched uuid[];
begin
  if tg_op = 'DELETE' then
    select array_agg(id) into touched from old_rows;
  else
    execute '
      select array_agg(id) from old_rows o join new_rows n using (id)
      where (o.organisation_id, o.expires_on) is distinct from (n.organisation_id, n.expires_on)'
    into touched;
  end if;
  perform license_refresh(touched);
  return null;
end $$;
