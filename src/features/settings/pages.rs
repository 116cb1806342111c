//! The settings as they are shown.

use askama::Template;

use crate::features::organisations::queries::Listed;
use crate::web::meter::Usage;
use crate::web::page::Chrome;
use crate::web::pager::Pager;

/// GET `/settings`.
#[derive(Template)]
#[template(path = "settings/show.html")]
pub struct ShowPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// The current volume of active users of each organisation at the top of the scope.
    pub volumes: Vec<Volume>,
    /// More of these.
    pub pager: Pager,
    /// The instance's settings, for whoever may change them.
    pub instance: Option<InstanceSettings>,
    /// The settings were just changed.
    pub saved: bool,
}

/// An organisation's volume of active users.
pub struct Volume {
    /// The organisation's name.
    pub name: String,
    /// Its report.
    pub address: String,
    /// The figures.
    pub usage: Usage,
}

/// What an instance admin may change.
pub struct InstanceSettings {
    /// "Admin vertical navigation bar".
    pub vertical_navigation: bool,
}

impl From<Listed> for Volume {
    fn from(listed: Listed) -> Volume {
        Volume {
            address: format!("/organisations/{}/licenses", listed.id),
            usage: Usage::listed(listed.limit, listed.used, listed.has_limit),
            name: listed.name,
        }
    }
}
