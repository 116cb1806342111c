drop function license_closing(uuid, date);
drop function user_limit_on(uuid, date, date, text);
