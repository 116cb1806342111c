-- $1 conditions, $2 how many
select e.id from audit_entries e where $1 order by e.at desc, e.id desc limit $2
