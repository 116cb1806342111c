drop table instance_secrets;
drop table instance_settings;
drop collation natural_order;
drop function uuid_v7();
