-- A plan that waits needs what was noted since it was made: for its organisation, below and above it, and for all.
with waiting as materialized (
  select organisation_id, pg_snapshot_xmin((premises ->> 'snapshot')::pg_snapshot)::text::bigint as since
  from imports where state in ('planned', 'applying') and premises is not null
),
needed as (
  select organisation_id, min(since) as since
  from (
    select c.descendant_id as organisation_id, w.since
    from waiting w join organisation_closure c on c.ancestor_id = w.organisation_id
    union all
    select c.ancestor_id, w.since
    from waiting w join organisation_closure c on c.descendant_id = w.organisation_id
  ) places
  group by organisation_id
)
delete from import_disturbances d
where not exists (select from needed n where n.organisation_id = d.organisation_id and n.since <= d.tx)
  and not (d.organisation_id is null and exists (select from waiting w where w.since <= d.tx))
