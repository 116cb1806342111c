-- With the triggers that keep the figures, as every writer has them; without a log and without a way back.
delete from enrolments where user_id in (select user_id from raw_difference where kind = 'delete');
delete from users where id in (select user_id from raw_difference where kind = 'delete');
update users u set username = d.username, email = d.email, first_name = d.first_name, last_name = d.last_name
from raw_difference d where d.kind = 'change' and u.id = d.user_id;
insert into users (organisation_id, username, email, first_name, last_name)
select (select id from organisations where parent_id is null), username, email, first_name, last_name
from raw_difference where kind = 'create';
