drop table import_plan;
drop table import_refusals;
drop table import_rows;
drop table import_pieces;
drop table imports;
