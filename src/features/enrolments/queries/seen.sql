hashtextextended(concat_ws('|', enrolments.id, enrolments.starts_on, 'e', enrolments.expires_on,
  'd', enrolments.due_on, 'c', enrolments.completed_on, enrolments.result), 0)
