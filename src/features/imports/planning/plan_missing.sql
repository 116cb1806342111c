-- Who is missing from the file, and who of them is protected. $1 import, $2 its organisation, $3 whoever joined
-- after this is not missing, $4 whoever imports, $5 now, $6 to $8 whose accounts the person may change
insert into import_plan (import_id, kind, number, person_id, name, username, before, active, records, reason)
with missing as materialized (
  select u.id, u.name, u.username, u.organisation_id,
    case
      when u.id = $4 then 'yourself'
      when u.created_at > $3 then 'created_since'
      when exists ( -- deleted before the export, and restored after it
        select from audit_changes c join audit_entries e on e.id = c.entry_id
        where c.person_id = u.id and e.action = 'user.restored' and e.at > $3) then 'created_since'
      when case when u.in_organisation_since > $3 then not coalesce((
        -- by the first move since then: where somebody came from; asked of nobody else, since all that ever happened to
        -- them is looked through
        select exists (
          select from organisation_closure s
          where s.ancestor_id = $2 and s.descendant_id = (c.before ->> 'organisation_id')::uuid)
        from audit_changes c join audit_entries e on e.id = c.entry_id
        where c.person_id = u.id and c.subject_id = u.id and c.before ? 'organisation_id' and c.after is not null
          and e.at > $3
        order by e.at, e.id limit 1), false) else false end then 'moved_in_since'
      when u.id in (select user_id from role_grants) and not may_be_managed(u.id, $6, $7, $8) then 'beyond'
    end as reason
  from import_missing u
  where not exists (select from import_matched m where m.by_name and m.known_id = u.id)
),
leaving as materialized (
  -- with a role; whoever has none is no org admin
  select id from missing where reason is null and id in (select user_id from role_grants)
),
orphaned as materialized (
  -- organisations whose org admins would all go
  select g.organisation_id from role_grants g
  where g.role = 'org_admin' and g.user_id in (select id from leaving)
  group by g.organisation_id
  having not exists (
    select from role_grants other join users o on o.id = other.user_id
    left join import_plan p on p.import_id = $1 and p.kind = 'change' and p.person_id = other.user_id
    where other.role = 'org_admin' and other.organisation_id = g.organisation_id
      and other.user_id not in (select id from leaving)
      -- with what this very import makes of the account and the role
      and coalesce(
        case when p.after ? 'expires_on' then (p.after ->> 'expires_on')::date else o.expires_on end, 'infinity')
        >= today_in(o.organisation_id, $5)
      and not coalesce(p.after ? 'roles' and (
        (p.before ->> 'organisation_id')::uuid = other.organisation_id
        or (coalesce((p.after ->> 'organisation_id')::uuid, o.organisation_id) = other.organisation_id
          and not 'org_admin' = any (string_to_array(coalesce(p.after ->> 'roles', ''), ';')))), false))
    -- and this import makes nobody else one
    and not exists (
      select from import_plan p left join users made on made.id = p.person_id
      where p.import_id = $1 and p.kind in ('create', 'change')
        and 'org_admin' = any (string_to_array(p.after ->> 'roles', ';'))
        and coalesce((p.after ->> 'organisation_id')::uuid, made.organisation_id) = g.organisation_id
        and coalesce(
          case when p.after ? 'expires_on' then (p.after ->> 'expires_on')::date else made.expires_on end, 'infinity')
          >= today_in(g.organisation_id, $5))
),
judged as (
  select m.*, coalesce(m.reason, case when m.id in (
    select user_id from role_grants
    where role = 'org_admin' and organisation_id in (select organisation_id from orphaned)) then 'last_org_admin' end
  ) as why
  from missing m
)
select $1, case when why is null then 'delete' else 'protect' end,
  -- whoever holds a role first: nobody should have to look for them
  row_number() over (partition by why is null order by held.roles is null, j.name, j.id), j.id, j.name, j.username,
  jsonb_strip_nulls(jsonb_build_object('organisation_id', j.organisation_id, 'held', held.roles)),
  coalesce(l.active @> today.day, false),
  (select count(e.completed_on) from enrolments e where e.user_id = j.id), why
from judged j
left join license_spans l on l.user_id = j.id
left join (
  select user_id, jsonb_agg(jsonb_build_object('role', role, 'organisation_id', organisation_id)
    order by role, organisation_id) as roles
  from role_grants group by user_id
) held on held.user_id = j.id
left join (
  select id, today_in(id, $5) as day from organisations where id = $2
) today on true
