create index users_expires_on on users (expires_on) where expires_on is not null;
drop index users_organisation_expires_on;
