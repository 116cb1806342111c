-- Five a user, with starts and ends spread over three years around $1; some never end. The learning experience
-- with the code LX-31 has 100,000 of them, at any size.
insert into enrolments (user_id, experience_id, starts_on, expires_on, completed_on, last_accessed_at)
select u.id,
  case when k = 4 and u.number % greatest(1, total.users / 100000) = 0 then learning.ids[31]
    else learning.ids[1 + (abs(hashint8(u.number)) + k * 6) % 30] end,
  $1 + (hashint8(u.number * 31 + k) % 540),
  case when abs(hashint8(u.number * 7 + k)) % 20 > 0
    then $1 + (hashint8(u.number * 31 + k) % 540) + abs(hashint8(u.number * 13 + k)) % 300 end,
  case when abs(hashint8(u.number * 3 + k)) % 4 = 0 then $1 - abs(hashint8(u.number + k)) % 300 end,
  case when k < 3 then $1 - hashint8(u.number * 5 + k) % 300 * interval '1 hour' end
from (select id, row_number() over (order by id) as number from users) u,
  generate_series(0, 4) k,
  (select array_agg(id order by length(code), code) as ids from experiences) learning,
  (select count(*) as users from users) total
