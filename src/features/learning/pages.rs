//! The learner's own page, and one learning experience.

use askama::Template;

use super::queries::{Access, Own, OwnEnrolment};
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
    /// Its page.
    pub address: String,
    /// The badge: "Live", "Not started", "Ended".
    pub state: &'static str,
    /// The badge's style.
    pub style: &'static str,
    /// Since when or until when there is access.
    pub access: String,
    /// When it is due; empty when it is not, or not any more.
    pub due: String,
    /// The completion record, in words.
    pub completion: String,
}

impl From<OwnEnrolment> for Row {
    fn from(enrolment: OwnEnrolment) -> Row {
        let (state, style, access) = match enrolment.access() {
            Access::Until(end) => ("Ended", "off", format!("Ended on {}", format::day(end))),
            Access::Never => ("Ended", "off", "Ended before it began".to_owned()),
            Access::From(start) => ("Not started", "off", format!("Opens on {}", format::day(start))),
            Access::Open => ("Live", "ok", until(&enrolment)),
        };
        Row {
            state,
            style,
            access,
            due: due(&enrolment),
            completion: completion(&enrolment).unwrap_or_else(|| "Not completed".to_owned()),
            address: format!("/learn/{}", enrolment.experience_id),
            title: enrolment.title,
        }
    }
}

fn until(enrolment: &OwnEnrolment) -> String {
    enrolment.expires_on.map_or_else(|| "No end date".to_owned(), |end| format!("Until {}", format::day(end)))
}

/// What is completed is not due any more.
fn due(enrolment: &OwnEnrolment) -> String {
    match enrolment.due_on.filter(|_| enrolment.completed_on.is_none()) {
        Some(due) if due < enrolment.today => format!("Was due on {}", format::day(due)),
        Some(due) => format!("Due on {}", format::day(due)),
        None => String::new(),
    }
}

/// The completion record, if there is one.
fn completion(enrolment: &OwnEnrolment) -> Option<String> {
    let mut words = format!("Completed on {}", format::day(enrolment.completed_on?));
    if let Some(result) = &enrolment.result {
        words.push_str(": ");
        words.push_str(result);
    }
    if let Some(score) = &enrolment.score {
        words.push_str(", score ");
        words.push_str(format::score(score));
    }
    Some(words)
}

/// GET `/learn/{experience_id}` while it is live.
#[derive(Template)]
#[template(path = "learning/show.html")]
pub struct ShowPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// Its title.
    pub title: String,
    /// What it is about, a paragraph each.
    pub description: Vec<String>,
    /// "Since 1 Nov 2026".
    pub since: String,
    /// "Until 3 Jan 2027", "No end date".
    pub until: String,
    /// When it is due; may be empty.
    pub due: String,
    /// The completion record.
    pub completion: Option<String>,
    /// It was just completed.
    pub just_completed: bool,
    /// It is archived.
    pub archived: bool,
    /// Where "Mark as complete" is sent.
    pub action: String,
}

impl ShowPage {
    /// The page, perhaps just after "Mark as complete".
    pub fn new(chrome: Chrome, own: Own, just_completed: bool) -> ShowPage {
        let Own { enrolment, description, archived } = own;
        let completion = completion(&enrolment);
        let paragraphs = description.split("\n\n").map(|part| part.trim_matches('\n').to_owned());
        ShowPage {
            chrome,
            description: paragraphs.filter(|part| !part.trim().is_empty()).collect(),
            since: format!("Since {}", format::day(enrolment.starts_on)),
            until: until(&enrolment),
            due: due(&enrolment),
            just_completed: just_completed && completion.is_some(),
            completion,
            archived,
            action: format!("/learn/{}/complete", enrolment.experience_id),
            title: enrolment.title,
        }
    }
}

/// GET `/learn/{experience_id}` before it begins and after it ended.
#[derive(Template)]
#[template(path = "learning/closed.html")]
pub struct ClosedPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// Its title.
    pub title: String,
    /// "Access ended on 3 Jan 2027".
    pub heading: String,
    /// It has ended, as opposed to not begun.
    pub ended: bool,
    /// The completion record.
    pub completion: Option<String>,
}

impl ClosedPage {
    /// Why there is no access.
    pub fn new(chrome: Chrome, enrolment: OwnEnrolment, access: Access) -> ClosedPage {
        ClosedPage {
            chrome,
            heading: match access {
                Access::Until(end) => format!("Access ended on {}", format::day(end)),
                Access::Never => "Access ended before it began".to_owned(),
                Access::From(start) => format!("Opens on {}", format::day(start)),
                Access::Open => String::new(),
            },
            ended: matches!(access, Access::Until(_) | Access::Never),
            completion: completion(&enrolment),
            title: enrolment.title,
        }
    }
}
