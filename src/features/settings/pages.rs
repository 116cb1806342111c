//! The settings as they are shown.

use askama::Template;

use super::forms::SettingsForm;
use crate::features::organisations::queries::Listed;
use crate::web::form::{Field, Problems};
use crate::web::meanwhile::{Meanwhile, Versioned};
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
    /// What is wrong with what was typed.
    pub problems: Problems,
    /// The settings were just changed.
    pub saved: bool,
    /// Somebody else has changed them since the form was made.
    pub meanwhile: Option<Meanwhile>,
}

/// An organisation's volume of active users.
pub struct Volume {
    /// The organisation's name.
    pub name: String,
    /// Its report.
    pub address: String,
    /// The figures.
    pub usage: Usage,
    /// What is agreed on with it, if it is a root.
    pub agreement: Option<String>,
    /// The limits of its children.
    pub limits: String,
}

/// What an instance admin may change.
pub struct InstanceSettings {
    /// What the form is filled with.
    pub version: String,
    /// "Admin vertical navigation bar".
    pub vertical_navigation: bool,
    /// Deleting and importing users.
    pub users: [Field; 2],
    /// Early warnings.
    pub warnings: Field,
    /// Whom mail is from.
    pub mail_sender: Field,
}

impl InstanceSettings {
    /// As typed, or as stored.
    pub fn new(form: &SettingsForm, problems: &Problems) -> InstanceSettings {
        InstanceSettings {
            version: form.version.clone(),
            vertical_navigation: !form.vertical_navigation.is_empty(),
            users: [
                form.field("restore_window")
                    .required()
                    .hint("0 to 30. With 0, deleted users and their records are gone at once and cannot be restored.")
                    .with(problems),
                form.field("import_threshold")
                    .required()
                    .hint("When it would delete more, the number has to be typed to confirm.")
                    .with(problems),
            ],
            warnings: form
                .field("warnings")
                .hint("Up to ten, with commas between them. Empty: no early warnings; overage is always told.")
                .with(problems),
            mail_sender: form
                .field("mail_sender")
                .hint("Such as Licenses <licenses@example.com>. Empty: as the program was started.")
                .with(problems),
        }
    }
}

impl From<Listed> for Volume {
    fn from(listed: Listed) -> Volume {
        Volume {
            address: format!("/organisations/{}/licenses", listed.id),
            agreement: listed.is_root.then(|| format!("/organisations/{}/agreement", listed.id)),
            limits: format!("/organisations/{}/limits", listed.id),
            usage: listed.usage(),
            name: listed.name,
        }
    }
}
