//! The forms of organisations.

use askama::Template;

use super::forms::OrganisationForm;
use crate::ids::OrganisationId;
use crate::web::form::{Field, Problems};
use crate::web::page::Chrome;

/// GET and POST `/organisations/new`.
#[derive(Template)]
#[template(path = "organisations/new.html")]
pub struct NewPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What is wrong.
    pub problems: Problems,
    /// Its name.
    pub name: Field,
    /// Below which.
    pub parent: Field,
    /// Paths to choose from.
    pub suggestions: Vec<String>,
    /// Time zone and limit.
    pub fields: [Field; 2],
}

impl NewPage {
    /// The form as typed.
    pub fn new(chrome: Chrome, form: &OrganisationForm, problems: &Problems, suggestions: Vec<String>) -> NewPage {
        NewPage {
            chrome,
            problems: problems.clone(),
            name: Field::new("name", "Name", &form.name).required().with(problems),
            parent: Field::new("parent", "Below", &form.parent)
                .hint("The path of an organisation, like Acme Group > Acme Nordics. Empty: it is at the top of a tree of its own.")
                .with(problems),
            suggestions,
            fields: [
                Field::new("time_zone", "Time zone", &form.time_zone)
                    .hint("Only at the top of a tree, such as Europe/London. Its days are the days of the whole tree.")
                    .with(problems),
                Field::new("user_limit", "User limit", &form.user_limit)
                    .hint("Empty: it shares the limit above it; at the top: there is none until a license year is agreed on.")
                    .with(problems),
            ],
        }
    }
}

/// GET and POST `/organisations/{organisation_id}/edit`.
#[derive(Template)]
#[template(path = "organisations/edit.html")]
pub struct RenamePage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What is wrong.
    pub problems: Problems,
    /// What was just done.
    pub done: Option<&'static str>,
    /// The name now.
    pub name: String,
    /// Its address, to which others are added.
    pub address: String,
    /// For one below it.
    pub below: String,
    /// The field.
    pub field: Field,
}

impl RenamePage {
    /// The form as typed.
    pub fn new(
        chrome: Chrome,
        id: OrganisationId,
        name: &str,
        typed: &str,
        problems: &Problems,
        saved: &str,
    ) -> RenamePage {
        RenamePage {
            chrome,
            problems: problems.clone(),
            done: match saved {
                "created" => Some("The organisation is created"),
                "renamed" => Some("The organisation is renamed"),
                _ => None,
            },
            name: name.to_owned(),
            address: format!("/organisations/{id}"),
            below: format!("/organisations/new?parent={id}"),
            field: Field::new("name", "Name", typed).required().with(problems),
        }
    }
}
