-- What a change of some enrolments does to the licenses, in one pass over all that the people concerned are enrolled
-- in: who is active before and after it, by organisation, today (part 0) and on a later day (part 1); and how the number
-- of active users changes, day by day (part 2). The days of the people as they would be are compared with those that
-- are counted.
-- $1 enrolment ids, $2 whose they are, $3 their expiry date afterwards (null: no end), $4 they are deleted instead,
-- $5 the later day (null: none), where it is not over yet, $6 and $7 the first and the last day that matter, $8 now
with chosen as materialized (
  select id from unnest($1) given (id)
),
people as materialized (
  select user_id, organisation_id, expires_on, active
  from unnest($2) given (user_id) join license_spans using (user_id)
  where organisation_id is not null
),
today as materialized (
  select organisation_id, today_in(organisation_id, $8) as day
  from (select distinct organisation_id from people) places
),
live as (
  select user_id, range_agg(license_span(starts_on, ends_on)) as days
  from (
    select e.user_id, e.starts_on, case when c.id is null then e.expires_on else $3 end as ends_on
    from people join enrolments e using (user_id) left join chosen c on c.id = e.id
    where e.starts_on <= $7 and not (c.id is not null and $4)
  ) e
  where ends_on is null or ends_on >= $6
  group by user_id
),
compared as materialized (
  select p.organisation_id, today.day as today, $5 as later,
    coalesce(p.active * daterange($6, $7, '[]')::datemultirange, '{}') as was,
    coalesce(live.days * license_lifetime(p.expires_on) * daterange($6, $7, '[]')::datemultirange, '{}') as will_be
  from people p
  join today using (organisation_id)
  left join live using (user_id)
),
judged as (
  select 0 as part, organisation_id, was @> today as is_active, will_be @> today as will_be_active from compared
  union all
  select 1, organisation_id, was @> later, will_be @> later from compared where $5 > today
),
spans (span, sign) as (
  select unnest(will_be - was), 1 from compared where will_be <> was
  union all
  select unnest(was - will_be), -1 from compared where will_be <> was
),
edges (day, delta) as (
  select lower(span), sign from spans
  union all
  select upper(span), -sign from spans
),
sums as (
  select part, organisation_id,
    count(*) filter (where is_active and not will_be_active) as freed,
    count(*) filter (where not is_active and will_be_active) as taken,
    count(*) as people
  from judged group by part, organisation_id
)
select part, organisation, name, freed, taken, people, day, delta
from (
  select part, o.id as organisation, o.name, freed, taken, people, null::date as day, null::bigint as delta
  from sums join organisations o on o.id = sums.organisation_id
  union all
  select 2, null, null, null, null, null, day, sum(delta) from edges where day <= $7 group by day having sum(delta) <> 0
) rows
order by part, freed desc, taken desc, name collate natural_order, organisation, day
