drop table import_plan;
drop table import_refusals;
drop table import_rows;
drop table import_pieces;
drop function import_is_seen_by;
drop table imports;
