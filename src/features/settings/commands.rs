//! Changes of the instance's settings.

use diesel::prelude::*;
use serde_json::json;

use super::forms::SettingsForm;
use super::queries::{self, Settings};
use crate::db::audit::{Audited, Entry};
use crate::error::AppError;
use crate::schema::instance_settings as s;
use crate::web::form::Problems;
use crate::web::guards::{Allowed, ChangeInstanceSettings};
use crate::web::meanwhile;

/// Why nothing was set.
#[derive(Debug)]
pub enum NotSet {
    /// What was entered does not fit.
    Problems(Problems),
    /// Somebody else has set something since the form was made: what is stored now.
    Outdated(Box<Settings>),
}

/// Sets what differs, with an entry each.
pub fn set(
    conn: &mut PgConnection,
    by: &Allowed<ChangeInstanceSettings>,
    form: &SettingsForm,
) -> Result<Audited<Result<(), NotSet>>, AppError> {
    s::table.select(s::id).for_update().first::<bool>(conn)?;
    let before = queries::settings(conn, by)?;
    let wanted = match form.parse(&before) {
        Ok(wanted) => wanted,
        Err(problems) => return Ok(Audited::unchanged(Err(NotSet::Problems(problems)))),
    };
    if wanted == before {
        return Ok(Audited::unchanged(Ok(())));
    }
    if !form.version.is_empty() && !meanwhile::is_current(&form.version, &before.named()) {
        return Ok(Audited::unchanged(Err(NotSet::Outdated(Box::new(before)))));
    }
    let mut audited = Audited::unchanged(Ok(()));
    for ((setting, before), (_, after)) in before.named().into_iter().zip(wanted.named()) {
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
