-- $1 users, spread over all organisations; one account in twenty has an expiry date.
insert into users (organisation_id, username, email, first_name, last_name, expires_on)
select places.ids[1 + n % array_length(places.ids, 1)], 'user' || n, 'user' || n || '@people.example',
  'First' || n % 977, 'Last' || n % 1231,
  case when n % 20 = 0 then current_date + (hashint4(n) % 400) end
from generate_series(1, $1) n, (select array_agg(id order by id) as ids from organisations) places
