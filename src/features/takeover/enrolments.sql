-- Each row with its person and the learning experience that is open to that person: owned by
-- the home organisation or one above it.
create temporary table load_learning on commit drop as
select s.*, u.id as user_id, count(x.id) as found, (array_agg(x.id))[1] as experience_id
from load_enrolments s
left join users u on u.username_key = lower(s.username)
left join (
  experiences x join organisation_closure c on c.ancestor_id = x.organisation_id
) on x.code = s.experience and c.descendant_id = u.organisation_id
group by s.line, s.username, s.experience, s.starts_on, s.expires_on, s.completed_on, s.result, u.id;
create index on load_learning (user_id, experience_id);
analyze load_learning;

insert into load_refusals
select line, 'username', format('nobody has the username “%s”', username)
from load_learning where user_id is null;

insert into load_refusals
select line, 'experience', case found
    when 0 then format('“%s” is no learning experience that is open to the organisation of “%s”', experience, username)
    else format('“%s” is the code of %s learning experiences that are open to “%s”', experience, found, username) end
from load_learning where user_id is not null and found <> 1;

insert into load_refusals
select line, 'experience', format('“%s” is enrolled on “%s” already, on line %s', username, experience, first_line)
from (
  select line, username, experience, min(line) over (partition by user_id, experience_id) as first_line
  from load_learning where found = 1
) rows
where line > first_line;
