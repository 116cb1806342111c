update enrolments set expires_on = $2 where experience_id = $1
