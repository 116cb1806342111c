-- Notices, each once. $1 organisations, $2 episodes, $3 kinds, $4 when, $5 keys, $6 facts
insert into notices (organisation_id, overage_id, kind, at, key, facts)
select * from unnest($1, $2, $3, $4, $5, $6)
on conflict on constraint notices_once do nothing
returning organisation_id, key
