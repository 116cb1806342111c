-- How the number of active users of a subtree changes, day by day, when the plan of an import is applied: whoever is
-- deleted is gone, another expiry of the account ends or extends the days, and whoever is moved takes them along.
-- New people are enrolled in nothing yet. $1 import id, $2 whose subtree, $3 the last day
with inside as materialized (
  select descendant_id as id from organisation_closure where ancestor_id = $2
),
planned as materialized (
  select u.id as user_id, p.kind = 'change' and coalesce((p.after ->> 'organisation_id')::uuid, u.organisation_id) in
      (select id from inside) as stays,
    (p.after ->> 'expires_on')::date as expires_on,
    -- days that are ended sooner are among those that are counted; others have to be looked up
    case when p.kind = 'change' and p.after ? 'expires_on' then
      case when (p.after ->> 'expires_on')::date <= coalesce(u.expires_on, 'infinity') then 'cut' else 'extended' end
    end as expiry
  from import_plan p join users u on u.id = p.person_id
  where p.import_id = $1
    and (p.kind = 'delete' or (p.kind = 'change' and (p.after ? 'expires_on' or p.after ? 'organisation_id')))
),
live as (
  select e.user_id, range_agg(license_span(e.starts_on, e.expires_on)) as spans
  from enrolments e where e.user_id in (select user_id from planned where stays and expiry = 'extended')
  group by e.user_id
),
compared as materialized (
  select coalesce(case when s.organisation_id in (select id from inside) then s.active end, '{}') as was,
    coalesce(case when p.stays then
      case p.expiry
        when 'cut' then s.active * license_lifetime(p.expires_on)
        when 'extended' then live.spans * license_lifetime(p.expires_on)
        else s.active
      end
    end, '{}') as will_be
  from planned p left join license_spans s using (user_id) left join live using (user_id)
),
spans (span, sign) as (
  select unnest(will_be - was), 1 from compared
  union all
  select unnest(was - will_be), -1 from compared
),
edges (day, delta) as (
  select lower(span), sign from spans
  union all
  select upper(span), -sign from spans where not upper_inf(span)
)
select day, sum(delta)::bigint as delta from edges where day <= $3 group by day having sum(delta) <> 0
