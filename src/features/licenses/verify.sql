-- Every stored license figure that is not what the enrolments say.
-- $1 a day, for the count straight from the definition
with expected as materialized (
  select organisation_id, day, delta from license_delta_expected
),
by_day as (
  select 'change on a day' as figure, organisation_id, day,
    coalesce(stored.delta, 0)::bigint as stored, coalesce(expected.delta, 0)::bigint as expected
  from expected full join license_delta stored using (organisation_id, day)
  where coalesce(stored.delta, 0) <> coalesce(expected.delta, 0)
),
base as (
  select 'sum at the base day' as figure, organisation_id, base.day,
    coalesce(b.used, 0)::bigint as stored, coalesce(e.used, 0)::bigint as expected
  from license_base b
  full join (
    select organisation_id, sum(delta) as used from expected
    where day <= (select d.day from license_base_day d)
    group by organisation_id
  ) e using (organisation_id)
  cross join license_base_day base
  where coalesce(b.used, 0) <> coalesce(e.used, 0)
),
spans as (
  select 'users counted as they should be' as figure, organisation_id, null::date as day,
    count(*) filter (where stored is not distinct from expected) as stored, count(*) as expected
  from (
    select coalesce(e.organisation_id, s.organisation_id) as organisation_id,
      (s.organisation_id, s.active) as stored, (e.organisation_id, e.active) as expected
    from license_spans s full join license_spans_expected e using (user_id)
  ) users
  group by organisation_id
  having count(*) filter (where stored is not distinct from expected) <> count(*)
),
counted as (
  select u.organisation_id, count(*) as used
  from users u
  where (u.expires_on is null or $1 <= u.expires_on)
    and exists (
      select from enrolments e
      where e.user_id = u.id and e.starts_on <= $1 and (e.expires_on is null or $1 <= e.expires_on))
  group by u.organisation_id
),
reported as (
  select r.organisation_id, r.used
  from organisations root cross join lateral license_used_in(root.id, $1) r
  where root.parent_id is null
),
today as (
  select 'active users today' as figure, reported.organisation_id, $1 as day,
    reported.used::bigint as stored, coalesce(counted.used, 0)::bigint as expected
  from reported left join counted using (organisation_id)
  where reported.used <> coalesce(counted.used, 0)
)
select d.figure, d.day, d.stored, d.expected,
  (select string_agg(a.name, ' > ' order by c.depth desc)
   from organisation_closure c join organisations a on a.id = c.ancestor_id
   where c.descendant_id = d.organisation_id) as organisation
from (select * from by_day union all select * from base union all
  select * from spans union all select * from today) d
order by organisation, d.day, d.figure
