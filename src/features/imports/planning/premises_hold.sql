-- Whether the plan would come out the same. $1 import, $2 its organisation, $3 what was committed before it was made,
-- $4 when that was, $5 now, $6 whoever imports, $7 how many rows of the file could be read
with subtree as materialized (
  select descendant_id as id from organisation_closure where ancestor_id = $2
)
select
  -- nothing was noted since, here or above
  not exists (
    select from import_disturbances d
    where d.tx >= pg_snapshot_xmin($3::pg_snapshot)::text::bigint
      and (not pg_visible_in_snapshot(d.tx::text::xid8, $3::pg_snapshot)
        -- this transaction's own may be taken for visible
        or d.tx = pg_current_xact_id_if_assigned()::text::bigint)
      and (d.organisation_id is null or d.organisation_id in (select id from subtree)
        or d.organisation_id in (select ancestor_id from organisation_closure where descendant_id = $2)))
  -- it is the same day here, where whoever imports is at home, and where the org admins of these organisations are
  and not exists (
    select from (
      select $2 as id
      union
      select organisation_id from users where id = $6
      union
      select u.organisation_id from role_grants g join users u on u.id = g.user_id
      where g.role = 'org_admin' and g.organisation_id in (select id from subtree)
    ) home
    where today_in(home.id, $4) <> today_in(home.id, $5))
  -- whoever would go has the same to lose
  and not exists (
    select from import_plan p left join license_spans l on l.user_id = p.person_id
    where p.import_id = $1 and p.kind in ('delete', 'protect')
      and (p.active, p.records) is distinct from (
        coalesce(l.active @> today_in($2, $5), false),
        (select count(e.completed_on) from enrolments e where e.user_id = p.person_id)))
  -- and no crash of the database has lost rows
  and (select count(*) from import_rows where import_id = $1) = $7
  as told
