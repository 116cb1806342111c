drop table sign_in_failures;
drop table sessions;
drop table role_grants;
drop table users;
drop function sessions_end_with_role();
drop function sessions_end_with_password();
drop function users_moving();
