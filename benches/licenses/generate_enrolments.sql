-- Five a user, with starts and ends spread over three years around $1; some never end.
insert into enrolments (user_id, experience_id, starts_on, expires_on, completed_on)
select u.id, learning.ids[1 + (abs(hashint8(u.number)) + k * 6) % 30],
  $1 + (hashint8(u.number * 31 + k) % 540),
  case when abs(hashint8(u.number * 7 + k)) % 20 > 0
    then $1 + (hashint8(u.number * 31 + k) % 540) + abs(hashint8(u.number * 13 + k)) % 300 end,
  case when abs(hashint8(u.number * 3 + k)) % 4 = 0 then $1 - abs(hashint8(u.number + k)) % 300 end
from (select id, row_number() over (order by id) as number from users) u,
  generate_series(0, 4) k,
  (select array_agg(id order by id) as ids from experiences) learning
