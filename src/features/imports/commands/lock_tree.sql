-- $1 organisation
select pg_advisory_xact_lock(hashtextextended('import ' || a.id, 0))
from organisation_closure c join organisations a on a.id = c.ancestor_id
where c.descendant_id = $1 and a.parent_id is null
