-- Roots with an agreement from a month ago on, two organisations below each, and twenty-eight users of the first of these.
-- $1 how many roots
with roots as (
  insert into organisations (name, time_zone, user_limit) select 'Check ' || n, 'Europe/London', 25 from generate_series(1, $1) n
  returning id
),
children as (
  insert into organisations (name, parent_id) select name, id from roots cross join (values ('North'), ('South')) names (name)
  returning id, name
),
terms as (
  insert into agreements (organisation_id, starts_on, ends_on, user_limit, yearly_price, currency, in_force_since)
  select id, current_date - 30, (current_date - 30 + interval '1 year')::date - 1, 25, 100, 'EUR', now() from roots
),
course as (
  insert into experiences (organisation_id, code, title) select id, 'CHECK', 'Check' from roots limit 1
)
insert into users (organisation_id, username, email, first_name, last_name)
select c.id, name, name || '@check.example', 'Check', 'Check'
from (select id, row_number() over () as place from children where name = 'North') c
cross join generate_series(1, 28) n
cross join lateral (select concat('check-', place, '-', n) as name) named
