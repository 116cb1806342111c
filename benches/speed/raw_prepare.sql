-- The baseline's table: deltas with the day first, all past days folded into one row an organisation.
drop table if exists raw_delta;
create table raw_delta (day date, organisation_id uuid, delta integer, primary key (day, organisation_id));
insert into raw_delta
select greatest(day, date 'TODAY'), organisation_id, sum(delta) from license_delta group by 1, 2;
analyze raw_delta;
