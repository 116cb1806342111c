drop function license_highest_limit(uuid, date, date);
