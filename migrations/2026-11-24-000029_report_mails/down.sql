alter table outbox drop column attachment_name, drop column attachment;
drop table report_mails;
drop table report_subscriptions;
