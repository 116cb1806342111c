-- In the order of their ids, like every other change of people. $1 import
select u.id from users u
where u.id in (select person_id from import_plan where import_id = $1 and kind in ('change', 'delete'))
order by u.id for update
