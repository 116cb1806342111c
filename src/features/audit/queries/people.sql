-- People with all of these words in their name, username or e-mail address; an exact username first. Of the vendor's people
-- whoever is limited to a scope sees the name only, so nothing else finds them.
-- $1 scope (null: everything), $2 patterns, $3 the whole text, $4 how many at most
select u.id from users u
where u.search_text like all ($2)
  and ($1 is null or (u.organisation_id is null and lower(u.name) like all ($2))
    or u.organisation_id in (select descendant_id from organisation_closure where ancestor_id = any ($1)))
order by u.username_key is distinct from $3, u.name, u.id
limit $4
