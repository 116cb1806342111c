-- What happened to a thing is found by its entries or by the person whom it concerns, never by the thing alone. The
-- index took part of every bulk change.
drop index audit_changes_subject;
