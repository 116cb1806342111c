with wanted as (
  select n.id as organisation_id, s.code, s.title
  from load_experiences s join load_named n on n.text = s.organisation
),
created as (
  insert into experiences (organisation_id, code, title)
  select organisation_id, code, title from wanted w
  where not exists (select from experiences x where x.organisation_id = w.organisation_id and x.code = w.code)
  returning 1
),
changed as (
  update experiences x set title = w.title from wanted w
  where x.organisation_id = w.organisation_id and x.code = w.code and x.title <> w.title
  returning 1
)
select (select count(*) from created) as created, (select count(*) from changed) as changed,
  (select count(*) from load_experiences) as rows
