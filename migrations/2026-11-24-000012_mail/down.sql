drop table password_links;
drop table outbox;
