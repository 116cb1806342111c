-- $1 user ids, $2 another organisation (null: none)
select common_organisation(array_agg(distinct u.organisation_id) || $2) as organisation
from unnest($1) given (id) join users u using (id)
