-- The accounts, as they were. $1 user ids
insert into users (id, organisation_id, username, email, first_name, last_name, password_hash, language, time_zone,
  job_function, organisation_reference, expires_on, last_signed_in_at, created_at, in_organisation_since)
select a.id, a.organisation_id, a.username, a.email, a.first_name, a.last_name, a.password_hash, a.language, a.time_zone,
  a.job_function, a.organisation_reference, a.expires_on, a.last_signed_in_at, a.created_at, a.in_organisation_since
from deleted_users d cross join jsonb_populate_record(null::users, d.account) a
where d.user_id = any ($1)
