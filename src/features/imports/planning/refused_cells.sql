-- The refused rows by columns, so that they can be corrected. $1 import
update import_refusals f
set cells = jsonb_strip_nulls(jsonb_build_object(
  'user_id', r.user_id, 'username', r.username, 'email', r.email, 'first_name', r.first_name,
  'last_name', r.last_name, 'organisation', r.organisation, 'roles', r.roles,
  'account_expires_on', r.account_expires_on))
from import_rows r
where f.import_id = $1 and not f.of_the_file and r.import_id = $1 and r.line = f.line
