drop table deleted_users;
