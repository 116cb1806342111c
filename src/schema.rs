// @generated automatically by Diesel CLI.

diesel::table! {
    agreement_changes (id) {
        id -> Uuid,
        agreement_id -> Uuid,
        kind -> Text,
        changed_at -> Timestamptz,
        changed_by -> Nullable<Uuid>,
        tier_name -> Nullable<Text>,
        user_limit -> Int4,
        yearly_price -> Nullable<Numeric>,
        currency -> Nullable<Text>,
        re_uses_per_license -> Int4,
        extra_users -> Int4,
        extra_users_from -> Nullable<Date>,
        extra_users_until -> Nullable<Date>,
        pro_rata_price -> Nullable<Numeric>,
    }
}

diesel::table! {
    agreements (id) {
        id -> Uuid,
        organisation_id -> Uuid,
        tier_id -> Nullable<Uuid>,
        starts_on -> Date,
        ends_on -> Date,
        re_uses_per_license -> Int4,
        extra_users -> Int4,
        extra_users_until -> Nullable<Date>,
        created_at -> Timestamptz,
        user_limit -> Int4,
        yearly_price -> Nullable<Numeric>,
        currency -> Nullable<Text>,
        extra_users_from -> Nullable<Date>,
        in_force_since -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    audit_changes (entry_id, subject_id) {
        entry_id -> Uuid,
        subject_kind -> Text,
        subject_id -> Uuid,
        before -> Nullable<Jsonb>,
        after -> Nullable<Jsonb>,
        person_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    audit_entries (id) {
        id -> Uuid,
        at -> Timestamptz,
        actor_kind -> Text,
        actor_id -> Nullable<Uuid>,
        address -> Nullable<Text>,
        action -> Text,
        organisation_id -> Nullable<Uuid>,
        subject_kind -> Nullable<Text>,
        subject_id -> Nullable<Uuid>,
        detail -> Jsonb,
    }
}

diesel::table! {
    deleted_users (user_id) {
        user_id -> Uuid,
        deleted_at -> Timestamptz,
        restorable_until -> Timestamptz,
        entry_id -> Uuid,
        organisation_id -> Nullable<Uuid>,
        account -> Jsonb,
        enrolments -> Jsonb,
        role_grants -> Jsonb,
    }
}

diesel::table! {
    enrolments (id) {
        id -> Uuid,
        user_id -> Uuid,
        experience_id -> Uuid,
        starts_on -> Date,
        expires_on -> Nullable<Date>,
        due_on -> Nullable<Date>,
        completed_on -> Nullable<Date>,
        result -> Nullable<Text>,
        score -> Nullable<Numeric>,
        last_accessed_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    experiences (id) {
        id -> Uuid,
        organisation_id -> Uuid,
        code -> Text,
        title -> Text,
        description -> Text,
        archived_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    exports (id) {
        id -> Uuid,
        created_at -> Timestamptz,
        created_by -> Nullable<Uuid>,
        organisation_id -> Nullable<Uuid>,
        whole -> Bool,
        filter -> Jsonb,
        complete_until -> Timestamptz,
        users -> Nullable<Int8>,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    holidays (day) {
        day -> Date,
        name -> Text,
    }
}

diesel::table! {
    import_pieces (import_id, number) {
        import_id -> Uuid,
        number -> Int4,
        uploaded_at -> Timestamptz,
        bytes -> Bytea,
    }
}

diesel::table! {
    import_plan (import_id, kind, number) {
        import_id -> Uuid,
        kind -> Text,
        number -> Int8,
        person_id -> Uuid,
        name -> Text,
        username -> Text,
        before -> Nullable<Jsonb>,
        after -> Nullable<Jsonb>,
        active -> Bool,
        records -> Int8,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    import_refusals (id) {
        id -> Int8,
        import_id -> Uuid,
        line -> Int8,
        of_the_file -> Bool,
        column_name -> Nullable<Text>,
        found -> Nullable<Text>,
        reason -> Text,
        cells -> Nullable<Jsonb>,
        user_id -> Nullable<Uuid>,
        username -> Nullable<Text>,
        email -> Nullable<Text>,
    }
}

diesel::table! {
    import_rows (import_id, line) {
        import_id -> Uuid,
        line -> Int8,
        user_id -> Nullable<Uuid>,
        username -> Nullable<Text>,
        email -> Nullable<Text>,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        organisation -> Nullable<Text>,
        roles -> Nullable<Text>,
        account_expires_on -> Nullable<Date>,
    }
}

diesel::table! {
    imports (id) {
        id -> Uuid,
        organisation_id -> Uuid,
        created_by -> Nullable<Uuid>,
        scope -> Nullable<Array<Nullable<Uuid>>>,
        created_at -> Timestamptz,
        file_name -> Text,
        file_bytes -> Int8,
        synchronize -> Bool,
        state -> Text,
        job_id -> Nullable<Uuid>,
        reading -> Nullable<Jsonb>,
        planned_at -> Nullable<Timestamptz>,
        counts -> Nullable<Jsonb>,
        fingerprint -> Nullable<Text>,
        applied_by -> Nullable<Uuid>,
        applied_at -> Nullable<Timestamptz>,
        result -> Nullable<Jsonb>,
        deletion_entry_id -> Nullable<Uuid>,
        premises -> Nullable<Jsonb>,
    }
}

diesel::table! {
    instance_secrets (id) {
        id -> Bool,
        cookie_key -> Bytea,
    }
}

diesel::table! {
    instance_settings (id) {
        id -> Bool,
        admin_vertical_navigation_bar -> Bool,
        restore_window_days -> Int4,
        import_threshold_percent -> Int4,
        warning_percents -> Array<Nullable<Int4>>,
        mail_sender -> Nullable<Text>,
    }
}

diesel::table! {
    jobs (id) {
        id -> Uuid,
        kind -> Text,
        payload -> Jsonb,
        organisation_id -> Nullable<Uuid>,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        state -> Text,
        run_at -> Timestamptz,
        attempts -> Int4,
        leased_until -> Nullable<Timestamptz>,
        progress_done -> Int8,
        progress_total -> Nullable<Int8>,
        last_error -> Nullable<Text>,
        finished_at -> Nullable<Timestamptz>,
        result -> Nullable<Jsonb>,
    }
}

diesel::table! {
    license_base (organisation_id) {
        organisation_id -> Uuid,
        used -> Int4,
    }
}

diesel::table! {
    license_base_day (id) {
        id -> Bool,
        day -> Date,
    }
}

diesel::table! {
    license_checks (root_id) {
        root_id -> Uuid,
        checked_until -> Timestamptz,
        used -> Int4,
        user_limit -> Nullable<Int4>,
        warned_percent -> Nullable<Int4>,
        re_uses_warned_percent -> Nullable<Int4>,
        re_uses_warned_year -> Nullable<Date>,
        crossing_on -> Nullable<Date>,
        due_at -> Timestamptz,
    }
}

diesel::table! {
    license_days (organisation_id, day) {
        organisation_id -> Uuid,
        day -> Date,
        closing -> Int4,
        peak -> Int4,
    }
}

diesel::table! {
    license_days_closed (root_id) {
        root_id -> Uuid,
        begins_on -> Date,
        closed_until -> Date,
        next_at -> Timestamptz,
    }
}

diesel::table! {
    license_holder_days (organisation_id, year_starts_on, day) {
        organisation_id -> Uuid,
        year_starts_on -> Date,
        day -> Date,
        holders -> Int4,
    }
}

diesel::table! {
    license_holders (user_id, root_id, year_starts_on) {
        user_id -> Uuid,
        root_id -> Uuid,
        year_starts_on -> Date,
        organisation_id -> Uuid,
        first_on -> Date,
    }
}

diesel::table! {
    license_log (id) {
        id -> Int8,
        root_id -> Uuid,
        organisation_id -> Uuid,
        day -> Date,
        at -> Timestamptz,
        delta -> Int4,
        checked -> Bool,
        tx -> Int8,
    }
}

diesel::table! {
    license_spans (user_id) {
        user_id -> Uuid,
        organisation_id -> Nullable<Uuid>,
        active -> Nullable<Datemultirange>,
        expires_on -> Nullable<Date>,
    }
}

diesel::table! {
    notices (id) {
        id -> Uuid,
        organisation_id -> Uuid,
        overage_id -> Nullable<Uuid>,
        kind -> Text,
        at -> Timestamptz,
        key -> Text,
        facts -> Jsonb,
    }
}

diesel::table! {
    organisation_closure (ancestor_id, descendant_id) {
        ancestor_id -> Uuid,
        descendant_id -> Uuid,
        depth -> Int4,
    }
}

diesel::table! {
    organisations (id) {
        id -> Uuid,
        parent_id -> Nullable<Uuid>,
        name -> Text,
        user_limit -> Nullable<Int4>,
        time_zone -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    outbox (id) {
        id -> Uuid,
        recipient -> Text,
        subject -> Text,
        body -> Text,
        created_at -> Timestamptz,
        send_at -> Timestamptz,
        attempts -> Int4,
        sent_at -> Nullable<Timestamptz>,
        failed_at -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
        attachment_name -> Nullable<Text>,
        attachment -> Nullable<Bytea>,
    }
}

diesel::table! {
    overages (id) {
        id -> Uuid,
        organisation_id -> Uuid,
        opened_at -> Timestamptz,
        notice_on -> Date,
        stage -> Text,
        major_since -> Nullable<Timestamptz>,
        major_cause -> Nullable<Text>,
        major_due_at -> Nullable<Timestamptz>,
        closed_at -> Nullable<Timestamptz>,
        closed_by -> Nullable<Text>,
    }
}

diesel::table! {
    password_links (token_hash) {
        token_hash -> Bytea,
        user_id -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    report_mails (user_id, organisation_id, month) {
        user_id -> Uuid,
        organisation_id -> Uuid,
        month -> Date,
        written_at -> Timestamptz,
    }
}

diesel::table! {
    report_subscriptions (user_id, organisation_id) {
        user_id -> Uuid,
        organisation_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    role_grants (id) {
        id -> Uuid,
        user_id -> Uuid,
        role -> Text,
        organisation_id -> Nullable<Uuid>,
        granted_at -> Timestamptz,
    }
}

diesel::table! {
    sessions (token_hash) {
        token_hash -> Bytea,
        user_id -> Uuid,
        state -> Jsonb,
        created_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    sign_in_failures (key) {
        key -> Text,
        failures -> Int4,
        last_failed_at -> Timestamptz,
    }
}

diesel::table! {
    tiers (id) {
        id -> Uuid,
        name -> Text,
        user_limit -> Int4,
        yearly_price -> Numeric,
        currency -> Text,
        retired_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    user_counts (organisation_id) {
        organisation_id -> Uuid,
        users -> Int8,
    }
}

diesel::table! {
    user_limit_changes (id) {
        id -> Uuid,
        organisation_id -> Uuid,
        changed_at -> Timestamptz,
        user_limit -> Nullable<Int4>,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        organisation_id -> Nullable<Uuid>,
        username -> Text,
        email -> Text,
        first_name -> Text,
        last_name -> Text,
        password_hash -> Nullable<Text>,
        language -> Nullable<Text>,
        time_zone -> Nullable<Text>,
        job_function -> Nullable<Text>,
        organisation_reference -> Nullable<Text>,
        expires_on -> Nullable<Date>,
        last_signed_in_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        in_organisation_since -> Timestamptz,
        username_key -> Text,
        email_key -> Text,
        name -> Text,
        search_text -> Text,
        signed_in_order -> Timestamptz,
    }
}

diesel::joinable!(agreement_changes -> agreements (agreement_id));
diesel::joinable!(agreements -> organisations (organisation_id));
diesel::joinable!(agreements -> tiers (tier_id));
diesel::joinable!(enrolments -> experiences (experience_id));
diesel::joinable!(enrolments -> users (user_id));
diesel::joinable!(experiences -> organisations (organisation_id));
diesel::joinable!(exports -> users (created_by));
diesel::joinable!(imports -> jobs (job_id));
diesel::joinable!(imports -> organisations (organisation_id));
diesel::joinable!(jobs -> organisations (organisation_id));
diesel::joinable!(jobs -> users (created_by));
diesel::joinable!(license_base -> organisations (organisation_id));
diesel::joinable!(license_checks -> organisations (root_id));
diesel::joinable!(license_days -> organisations (organisation_id));
diesel::joinable!(license_days_closed -> organisations (root_id));
diesel::joinable!(license_holder_days -> organisations (organisation_id));
diesel::joinable!(license_log -> organisations (root_id));
diesel::joinable!(notices -> organisations (organisation_id));
diesel::joinable!(notices -> overages (overage_id));
diesel::joinable!(overages -> organisations (organisation_id));
diesel::joinable!(password_links -> users (user_id));
diesel::joinable!(report_subscriptions -> organisations (organisation_id));
diesel::joinable!(report_subscriptions -> users (user_id));
diesel::joinable!(role_grants -> organisations (organisation_id));
diesel::joinable!(role_grants -> users (user_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(user_counts -> organisations (organisation_id));
diesel::joinable!(user_limit_changes -> organisations (organisation_id));
diesel::joinable!(users -> organisations (organisation_id));

diesel::allow_tables_to_appear_in_same_query!(
    agreement_changes,
    agreements,
    audit_changes,
    audit_entries,
    deleted_users,
    enrolments,
    experiences,
    exports,
    holidays,
    import_pieces,
    import_plan,
    import_refusals,
    import_rows,
    imports,
    instance_secrets,
    instance_settings,
    jobs,
    license_base,
    license_base_day,
    license_checks,
    license_days,
    license_days_closed,
    license_holder_days,
    license_holders,
    license_log,
    license_spans,
    notices,
    organisation_closure,
    organisations,
    outbox,
    overages,
    password_links,
    report_mails,
    report_subscriptions,
    role_grants,
    sessions,
    sign_in_failures,
    tiers,
    user_counts,
    user_limit_changes,
    users,
);
