//! The learner's own page.

use askama::Template;

use super::queries::OwnEnrolment;
use crate::web::format;
use crate::web::page::Chrome;

/// GET `/learn`.
#[derive(Template)]
#[template(path = "learning/list.html")]
pub struct ListPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// The rows.
    pub rows: Vec<Row>,
}

/// One learning experience.
pub struct Row {
    /// Its title.
    pub title: String,
    /// The badge: "Live", "Not started", "Ended".
    pub state: &'static str,
    /// The badge's style.
    pub style: &'static str,
    /// Since when or until when there is access.
    pub access: String,
    /// The completion record, in words.
    pub completion: String,
}

impl From<OwnEnrolment> for Row {
    fn from(enrolment: OwnEnrolment) -> Row {
        let (state, style, access) = match enrolment.expires_on {
            Some(end) if end < enrolment.today => ("Ended", "off", format!("Ended on {}", format::day(end))),
            _ if enrolment.starts_on > enrolment.today => {
                ("Not started", "off", format!("Opens on {}", format::day(enrolment.starts_on)))
            }
            Some(end) => ("Live", "ok", format!("Until {}", format::day(end))),
            None => ("Live", "ok", "No end date".to_owned()),
        };
        let completion = match (enrolment.completed_on, enrolment.result) {
            (Some(on), Some(result)) => format!("Completed on {}: {result}", format::day(on)),
            (Some(on), None) => format!("Completed on {}", format::day(on)),
            (None, _) => "Not completed".to_owned(),
        };
        Row { title: enrolment.title, state, style, access, completion }
    }
}
