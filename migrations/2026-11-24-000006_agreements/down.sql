drop table agreements;
drop function agreements_are_for_roots();
drop table tiers;
