-- Limits that were set since the last check. $1 roots
select l.organisation_id as root_id, l.changed_at, l.user_limit
from license_checks c join user_limit_changes l on l.organisation_id = c.root_id and l.changed_at > c.checked_until
where c.root_id = any ($1) order by l.changed_at, l.id
