-- Every stored license figure that is not what the enrolments say.
-- $1 a day, for the count straight from the definition; who holds a license is judged today
with recursive expected as materialized (
  select organisation_id, day, delta from license_delta_expected
),
by_day as (
  select 'change on a day' as figure, organisation_id, day,
    coalesce(stored.delta, 0)::bigint as stored, coalesce(expected.delta, 0)::bigint as expected
  from expected full join (
    select organisation_id, day, sum(delta) as delta from license_delta group by organisation_id, day
  ) stored using (organisation_id, day)
  where coalesce(stored.delta, 0) <> coalesce(expected.delta, 0)
),
below as (
  select 'change on a day, below it' as figure, organisation_id, day,
    coalesce(stored.delta, 0)::bigint as stored, coalesce(needed.delta, 0)::bigint as expected
  from (
    select w.ancestor_id as organisation_id, day, sum(delta) as delta
    from expected join walk w on w.descendant_id = expected.organisation_id and w.depth > 0
    group by w.ancestor_id, day
  ) needed
  full join (
    select organisation_id, day, sum(delta) as delta from license_rollup group by organisation_id, day
  ) stored using (organisation_id, day)
  where coalesce(stored.delta, 0) <> coalesce(needed.delta, 0)
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
      (s.organisation_id, s.active, s.expires_on) as stored, (e.organisation_id, e.active, e.expires_on) as expected
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
walk (ancestor_id, descendant_id, depth) as (
  select id, id, 0 from organisations
  union all
  select o.parent_id, w.descendant_id, w.depth + 1
  from walk w join organisations o on o.id = w.ancestor_id
  where o.parent_id is not null
),
tree as (
  select 'organisations above it' as figure, descendant_id as organisation_id, null::date as day,
    count(c.depth) as stored, count(w.depth) as expected
  from walk w full join organisation_closure c using (ancestor_id, descendant_id, depth)
  group by descendant_id
  having count(*) filter (where c.depth is null or w.depth is null) > 0
),
subtrees as (
  select w.ancestor_id as organisation_id, sum(counted.used) as used
  from walk w join counted on counted.organisation_id = w.descendant_id
  group by w.ancestor_id
),
today as (
  select 'active users of the subtree' as figure, o.id as organisation_id, $1 as day,
    coalesce(reported.used, 0)::bigint as stored, coalesce(subtrees.used, 0)::bigint as expected
  from organisations o
  cross join lateral (select sum(l.used) as used from license_used_in(o.id, $1) l) reported
  left join subtrees on subtrees.organisation_id = o.id
  where coalesce(reported.used, 0) <> coalesce(subtrees.used, 0)
),
holders as (
  select 'license holders from a day on' as figure, organisation_id, day,
    coalesce(d.holders, 0)::bigint as stored, coalesce(h.holders, 0)::bigint as expected
  from (
    select organisation_id, year_starts_on, first_on as day, count(*) as holders from license_holders
    group by organisation_id, year_starts_on, first_on
  ) h full join license_holder_days d using (organisation_id, year_starts_on, day)
  where coalesce(d.holders, 0) <> coalesce(h.holders, 0)
),
holding as (
  select 'active users who hold a license of the year' as figure, s.organisation_id, root.today as day,
    count(h.user_id) as stored, count(*) as expected
  from (
    select id, (headroom_now() at time zone time_zone)::date as today from organisations where parent_id is null
  ) root
  join agreements a on a.organisation_id = root.id and root.today between a.starts_on and a.ends_on
  join walk w on w.ancestor_id = root.id
  join license_spans s on s.organisation_id = w.descendant_id and s.active @> root.today
  left join license_holders h on h.user_id = s.user_id and h.root_id = root.id
    and h.year_starts_on = a.starts_on and h.first_on <= root.today
  group by s.organisation_id, root.today
  having count(h.user_id) <> count(*)
)
select d.figure, d.day, d.stored, d.expected,
  (select string_agg(a.name, ' > ' order by c.depth desc)
   from organisation_closure c join organisations a on a.id = c.ancestor_id
   where c.descendant_id = d.organisation_id) as organisation
from (select * from by_day union all select * from below union all select * from base union all
  select * from spans union all select * from tree union all select * from today
  union all select * from holders union all select * from holding) d
order by organisation, d.day, d.figure
