-- $1 the file has user limits, $2 the file has time zones
with wanted as (
  select p.id, p.is_new, s.name, parent.id as parent_id, s.user_limit, s.time_zone
  from load_organisations s
  left join load_named parent on parent.text = s.parent
  join load_places p on p.path = coalesce(parent.path || ' > ', '') || s.name
),
created as (
  insert into organisations (id, parent_id, name, user_limit, time_zone)
  select id, parent_id, name, user_limit, case when parent_id is null then coalesce(time_zone, 'UTC') end
  from wanted where is_new
  returning id, jsonb_build_object('name', name, 'time_zone', time_zone, 'user_limit', user_limit) as after
),
changed as (
  update organisations o
  set user_limit = case when $1 then w.user_limit else o.user_limit end,
      -- a root always has one: an empty cell leaves it
      time_zone = case when $2 and o.parent_id is null then coalesce(w.time_zone, o.time_zone) else o.time_zone end
  from wanted w join organisations b on b.id = w.id
  where o.id = b.id and not w.is_new
    and (($1 and o.user_limit is distinct from w.user_limit)
      or ($2 and o.parent_id is null and o.time_zone <> w.time_zone))
  returning o.id, jsonb_build_object('time_zone', b.time_zone, 'user_limit', b.user_limit) as before,
    jsonb_build_object('time_zone', o.time_zone, 'user_limit', o.user_limit) as after
),
noted as (
  insert into load_changes (subject_kind, subject_id, before, after)
  select 'organisation', id, null, after from created
  union all
  select 'organisation', id, before, after from changed
)
select (select count(*) from created) as created, (select count(*) from changed) as changed,
  (select count(*) from load_organisations) as rows
