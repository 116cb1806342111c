with wanted as (
  select n.id as organisation_id, s.code, s.title
  from load_experiences s join load_named n on n.text = s.organisation
),
created as (
  insert into experiences (organisation_id, code, title)
  select organisation_id, code, title from wanted w
  where not exists (select from experiences x where x.organisation_id = w.organisation_id and x.code = w.code)
  returning id, jsonb_build_object('organisation_id', organisation_id, 'code', code, 'title', title) as after
),
changed as (
  update experiences x set title = w.title
  from wanted w join experiences b on b.organisation_id = w.organisation_id and b.code = w.code
  where x.id = b.id and x.title <> w.title
  returning x.id, jsonb_build_object('title', b.title) as before, jsonb_build_object('title', x.title) as after
),
noted as (
  insert into load_changes (subject_kind, subject_id, before, after)
  select 'experience', id, null, after from created
  union all
  select 'experience', id, before, after from changed
)
select (select count(*) from created) as created, (select count(*) from changed) as changed,
  (select count(*) from load_experiences) as rows
