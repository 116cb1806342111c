//! Changes of the instance's settings.

use diesel::prelude::*;
use serde_json::json;

use crate::db::audit::{Audited, Entry};
use crate::error::AppError;
use crate::schema::instance_settings;
use crate::web::guards::{Allowed, ChangeInstanceSettings};

/// Sets "Admin vertical navigation bar" for everybody.
pub fn set_vertical_navigation(
    conn: &mut PgConnection,
    _by: &Allowed<ChangeInstanceSettings>,
    on: NavigationBar,
) -> Result<Audited<()>, AppError> {
    let after = on == NavigationBar::Vertical;
    let before: bool =
        instance_settings::table.select(instance_settings::admin_vertical_navigation_bar).for_update().first(conn)?;
    if before == after {
        return Ok(Audited::unchanged(()));
    }
    diesel::update(instance_settings::table)
        .set(instance_settings::admin_vertical_navigation_bar.eq(after))
        .execute(conn)?;
    let detail = json!({ "setting": "admin_vertical_navigation_bar", "before": before, "after": after });
    Ok(Audited::new((), Entry::new("settings.changed").detail(detail)))
}

/// Where the navigation of the administrators is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NavigationBar {
    /// A bar on the left.
    Vertical,
    /// A line in the header.
    Horizontal,
}
