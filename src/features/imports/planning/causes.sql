-- The refused rows by cause, the most frequent first. A cause that is the same in every row keeps its words.
-- $1 import, $2 how many
select column_name, cause, case when min(reason) = max(reason) then min(reason) else cause end as reason,
  count(distinct line) as rows
from (
  select line, column_name, reason, refusal_cause(reason) as cause from import_refusals where import_id = $1
) refusal
group by column_name, cause
order by rows desc, column_name nulls first, cause
limit $2
