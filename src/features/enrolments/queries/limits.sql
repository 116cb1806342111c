-- The limits that are exceeded when more people become active, with what is permitted in writing beyond them on that day:
-- those within the scope, and that of the pool that an organisation draws on, wherever it is.
-- $1 organisations, $2 how many more in each, directly (fewer: below zero), $3 the day (null: today),
-- $4 now, $5 scope (null: everything), $6 they are active already
select a.user_limit, permitted.users as permitted, used.used as used, case when seen.seen then a.name end as name
from (
  select c.ancestor_id, sum(given.taken)::bigint as taken,
    bool_or(c.depth = (
      select min(up.depth) from organisation_closure up join organisations l on l.id = up.ancestor_id
      where up.descendant_id = c.descendant_id and l.user_limit is not null)) as is_pool
  from unnest($1, $2) given (organisation_id, taken)
  join organisation_closure c on c.descendant_id = given.organisation_id
  group by c.ancestor_id having sum(given.taken) > 0
) more
join organisations a on a.id = more.ancestor_id and a.user_limit is not null
cross join lateral (
  select $5 is null or exists (
    select from organisation_closure s where s.descendant_id = a.id and s.ancestor_id = any ($5)) as seen
) seen
cross join lateral (select greatest($3, today_in(a.id, $4)) as day) due
cross join lateral (
  select coalesce(sum(l.used), 0)::bigint + case when $6 then 0 else more.taken end as used
  from license_used_in(a.id, due.day) l
) used
cross join lateral (
  select coalesce(sum(g.extra_users), 0)::bigint as users from agreements g
  where g.organisation_id = a.id and due.day between g.starts_on and g.ends_on and g.in_force_since is not null
    and due.day between g.extra_users_from and g.extra_users_until
) permitted
where (seen.seen or more.is_pool) and used.used > a.user_limit + permitted.users
order by a.name collate natural_order, a.id
