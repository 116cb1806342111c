drop table user_limit_changes;
drop table organisation_closure;
drop table organisations;
drop function user_limit_changed();
drop function organisations_moved();
drop function organisations_inserted();
drop function organisation_closure_write(uuid[]);
