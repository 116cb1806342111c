analyze raw_rows;
insert into raw_difference
select case when u.id is null then 'create' when r.username is null then 'delete' else 'change' end,
  u.id, r.username, r.email, r.first_name, r.last_name
from raw_rows r full join users u on u.id = r.user_id::uuid
where u.id is null or r.username is null
  or (r.username, r.email, r.first_name, r.last_name) is distinct from (u.username, u.email, u.first_name, u.last_name);
