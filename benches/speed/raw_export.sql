copy (
  select u.id as user_id, u.username, u.email, u.first_name, u.last_name, p.path as organisation, r.roles,
    u.expires_on as account_expires_on, coalesce(s.active @> p.today, false) as active, u.created_at,
    now() as exported_at, '00000000-0000-7000-8000-000000000000'::uuid as export_id
  from users u
  join (
    select c.descendant_id as id, string_agg(a.name, ' > ' order by c.depth desc) as path,
      (now() at time zone max(a.time_zone))::date as today
    from organisation_closure c join organisations a on a.id = c.ancestor_id
    group by c.descendant_id) p on p.id = u.organisation_id
  left join (
    select user_id, organisation_id, string_agg(role, ';' order by role) as roles
    from role_grants group by user_id, organisation_id) r on r.user_id = u.id and r.organisation_id = u.organisation_id
  left join license_spans s on s.user_id = u.id
) to stdout (format csv, header)
