alter table import_refusals drop column user_id, drop column username, drop column email;
