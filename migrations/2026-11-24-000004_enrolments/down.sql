drop table enrolments;
drop table experiences;
