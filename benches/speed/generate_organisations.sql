-- One root, 30 children, 969 grandchildren: 1,000 organisations in three levels; and 31 learning experiences.
insert into organisations (name, time_zone, user_limit) values ('Measured Group', 'UTC', 800000);
insert into organisations (parent_id, name, user_limit)
select root.id, 'Region ' || n, 30000
from generate_series(1, 30) n, (select id from organisations where parent_id is null) root;
insert into organisations (parent_id, name)
select (select id from organisations where name = 'Region ' || (1 + n % 30)), 'Site ' || n
from generate_series(1, 969) n;
insert into experiences (organisation_id, code, title)
select root.id, 'LX-' || n, 'Learning ' || n
from generate_series(1, 31) n, (select id from organisations where parent_id is null) root;
-- Between 0 and 1, always the same for a number and a salt.
create function hashed(n bigint, salt integer) returns double precision
language sql immutable parallel safe as $$ select (hashint8extended(n, salt) & 1048575) / 1048576.0 $$;
