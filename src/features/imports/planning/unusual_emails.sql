-- E-mail addresses that somebody is to get, but for those of the usual form: whether mail can be sent there is for the
-- program to say (domain::email). Whoever keeps theirs keeps it.
select distinct to_email as email
from import_candidates
where (known_id is null and user_id is null or known_id is not null and in_scope)
  and to_email is distinct from was_email
  and not (length(to_email) <= 64 and to_email ~
    '^[A-Za-z0-9_]+([.+-][A-Za-z0-9_]+)*@([A-Za-z0-9]+(-[A-Za-z0-9]+)*[.])*[A-Za-z0-9]+(-[A-Za-z0-9]+)*\Z')
