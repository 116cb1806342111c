-- What this transaction has done to the licenses so far, by organisation, as the log of the figures has it.
-- $1 organisation ids, $2 how many people of each are concerned
with places as materialized (
  select organisation_id, people from unnest($1, $2) given (organisation_id, people)
),
roots as materialized (
  select distinct root.id, (headroom_now() at time zone root.time_zone)::date as today
  from places
  join organisation_closure up on up.descendant_id = places.organisation_id
  join organisations root on root.id = up.ancestor_id and root.parent_id is null
),
done as (
  select l.organisation_id, sum(l.delta) as delta
  from roots join license_log l on l.root_id = roots.id and l.day = roots.today and l.at = headroom_now()
  where l.tx = pg_current_xact_id()::text::bigint
  group by l.organisation_id
)
select o.id as organisation, o.name, people,
  greatest(-coalesce(delta, 0), 0)::bigint as freed, greatest(coalesce(delta, 0), 0)::bigint as taken
from places
join organisations o on o.id = places.organisation_id
left join done on done.organisation_id = o.id
order by freed desc, taken desc, o.name collate natural_order, o.id
