-- Who is not in the file by unique ID. Apart from the tables of this session, so that several processes can share the work.
-- $1 import, $2 its organisation
create temporary table import_missing on commit drop as
select u.id, u.name, u.username, u.organisation_id, u.created_at, u.in_organisation_since from users u
where u.organisation_id in (select descendant_id from organisation_closure where ancestor_id = $2)
  and not exists (select from import_rows r where r.import_id = $1 and r.user_id = u.id)
