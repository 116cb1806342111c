hash_record_extended(row(enrolments.id, enrolments.starts_on, enrolments.expires_on, enrolments.due_on,
  enrolments.completed_on, enrolments.result), 0)
