insert into load_refusals
select s.line, 'organisation', case n.found
    when 0 then format('“%s” is no organisation', s.organisation)
    else format('“%s” is the name of %s organisations; give the path from the root', s.organisation, n.found) end
from load_experiences s join load_named n on n.text = s.organisation
where n.found <> 1;

insert into load_refusals
select line, 'code', format('“%s” is in this file already, on line %s', code, first_line)
from (
  select s.line, s.code, min(s.line) over (partition by n.id, s.code) as first_line
  from load_experiences s join load_named n on n.text = s.organisation and n.found = 1
) rows
where line > first_line;
