-- $1 import, $2 whether the file has roles
insert into import_plan (import_id, kind, number, person_id, name, username, before, after)
select $1, case when c.known_id is null then 'create' else 'change' end, c.line, c.person_id,
  coalesce(c.was_first_name, c.to_first_name) || ' ' || coalesce(c.was_last_name, c.to_last_name),
  coalesce(c.was_username, c.to_username), difference.before, difference.after
from import_candidates c
cross join lateral (
  select jsonb_object_agg(name, was) filter (where c.known_id is not null) as before,
    jsonb_object_agg(name, wanted) as after
  from (values
    ('username', to_jsonb(c.was_username), to_jsonb(c.to_username)),
    ('email', to_jsonb(c.was_email), to_jsonb(c.to_email)),
    ('first_name', to_jsonb(c.was_first_name), to_jsonb(c.to_first_name)),
    ('last_name', to_jsonb(c.was_last_name), to_jsonb(c.to_last_name)),
    ('organisation_id', to_jsonb(c.was_organisation_id), to_jsonb(c.to_organisation_id)),
    ('roles', to_jsonb(nullif(c.was_roles, '')), to_jsonb(nullif(c.to_roles, ''))),
    ('expires_on', to_jsonb(c.was_expires_on), to_jsonb(c.to_expires_on))
  ) field (name, was, wanted)
  where was is distinct from wanted
    -- the same roles, but held on another organisation
    or (name = 'roles' and $2 and wanted is not null and c.was_organisation_id is distinct from c.to_organisation_id)
) difference
where difference.after is not null
  and not exists (select from import_refusals r where r.import_id = $1 and r.line = c.line)
