-- What speaks against deleting these people, and how many of them hold a license today.
-- $1 user ids, $2 scope (null: everything), $3 to $5 whom the deleter may manage, $6 now
with people as materialized (
  select id, organisation_id from users where id = any ($1)
),
days as materialized (
  select organisation_id, today_in(organisation_id, $6) as today
  from people where organisation_id is not null group by organisation_id
)
select
  count(*) filter (where $2 is null or exists (
    select from organisation_closure s
    where s.descendant_id = u.organisation_id and s.ancestor_id = any ($2))) as inside,
  count(*) filter (where u.id in (select user_id from role_grants)
    and not may_be_managed(u.id, $3, $4, $5)) as beyond,
  count(*) filter (where l.active @> d.today) as active,
  common_organisation(array_agg(distinct u.organisation_id)) as organisation_id
from people u left join days d using (organisation_id) left join license_spans l on l.user_id = u.id
