//! Changes of the instance's settings.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::queries::{self, Settings};
use crate::db::audit::{Audited, Entry};
use crate::error::AppError;
use crate::schema::instance_settings as s;
use crate::web::guards::{Allowed, ChangeInstanceSettings};

/// Sets what differs, with an entry each.
pub fn set(
    conn: &mut PgConnection,
    by: &Allowed<ChangeInstanceSettings>,
    wanted: &Settings,
) -> Result<Audited<()>, AppError> {
    s::table.select(s::id).for_update().first::<bool>(conn)?;
    let before = queries::settings(conn, by)?;
    let mut audited = Audited::unchanged(());
    for ((setting, before), (_, after)) in named(&before).into_iter().zip(named(wanted)) {
        if before != after {
            let detail = json!({ "setting": setting, "before": before, "after": after });
            audited = audited.and(Entry::new("settings.changed").detail(detail));
        }
    }
    if audited.entry().is_some() {
        diesel::update(s::table)
            .set((
                s::admin_vertical_navigation_bar.eq(wanted.vertical_navigation),
                s::restore_window_days.eq(wanted.restore_window_days),
                s::import_threshold_percent.eq(wanted.import_threshold_percent),
                s::warning_percents.eq(&wanted.warning_percents),
                s::mail_sender.eq(&wanted.mail_sender),
            ))
            .execute(conn)?;
    }
    Ok(audited)
}

fn named(settings: &Settings) -> [(&'static str, Value); 5] {
    [
        ("admin_vertical_navigation_bar", json!(settings.vertical_navigation)),
        ("restore_window_days", json!(settings.restore_window_days)),
        ("import_threshold_percent", json!(settings.import_threshold_percent)),
        ("warning_percents", json!(settings.warning_percents)),
        ("mail_sender", json!(settings.mail_sender)),
    ]
}
