//! The form of an account as it is shown: new, to be edited, with problems, or overtaken.

use askama::Template;

use super::forms::{AccountForm, in_order};
use super::organisation_field::OrganisationField;
use super::queries::Account;
use crate::ids::UserId;
use crate::web::form::{Field, Problems};
use crate::web::meanwhile::{Meanwhile, Versioned};
use crate::web::page::{Chrome, Section};
use crate::web::viewer::Viewer;

/// GET `/users/new`, GET `/users/{user_id}/edit`, and both again after a POST that was refused.
#[derive(Template)]
#[template(path = "accounts/form.html")]
pub struct FormPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// "Add user", "Edit Amara Okafor".
    pub heading: String,
    /// Who is edited.
    pub name: Option<String>,
    /// Where the form is sent.
    pub action: String,
    /// Where Cancel leads.
    pub cancel: String,
    /// What the button says.
    pub button: &'static str,
    /// What is wrong.
    pub problems: Problems,
    /// Somebody else has saved meanwhile.
    pub meanwhile: Option<Meanwhile>,
    /// What the form was filled with.
    pub version: Option<String>,
    /// Names, username, e-mail.
    pub person: Vec<Field>,
    /// The home organisation.
    pub organisation: OrganisationField,
    /// Expiry and password.
    pub account: Vec<Field>,
    /// The rest.
    pub more: Vec<Field>,
}

/// What a form is for.
pub enum Purpose<'a> {
    /// A new account.
    New,
    /// One that is there.
    Edit(&'a Account),
}

impl FormPage {
    /// With what stands in the fields and what is wrong with it.
    pub fn new(
        viewer: &Viewer,
        purpose: &Purpose<'_>,
        form: &AccountForm,
        organisation: OrganisationField,
        problems: Problems,
    ) -> FormPage {
        // it was not kept, and would be missing without a word
        let problems = if form.password.is_empty() {
            problems
        } else {
            let again = Problems::one("password", "Enter the password again: a page never shows one.");
            in_order(&[&problems, &again])
        };
        let (heading, action, cancel, button) = match purpose {
            Purpose::New => ("Add user".to_owned(), "/users".to_owned(), "/users".to_owned(), "Add user"),
            Purpose::Edit(account) => {
                let address = format!("/users/{}", account.id);
                (format!("Edit {}", name(account)), address.clone(), address, "Save changes")
            }
        };
        let field = |name: &'static str| form.field(name).with(&problems);
        let password = match purpose {
            Purpose::New => "At least 8 characters. Leave it empty, and the person chooses one.",
            Purpose::Edit(_) => "Leave it empty to keep the present one. A new one signs the person out everywhere.",
        };
        FormPage {
            chrome: Chrome::new(&problems.title(&heading), viewer, Section::Users),
            heading,
            name: match purpose {
                Purpose::New => None,
                Purpose::Edit(account) => Some(name(account)),
            },
            action,
            cancel,
            button,
            meanwhile: None,
            version: form.version.clone(),
            person: vec![
                field("first_name").required(),
                field("last_name").required(),
                field("username").required().hint("To sign in with. Capital and small letters are the same."),
                field("email").kind("email").required(),
            ],
            organisation: organisation.with(&problems),
            account: vec![
                field("expires_on").kind("date").hint("The last day on which the person can sign in and be active."),
                Field { autocomplete: "new-password", ..field("password").kind("password").hint(password) },
            ],
            more: vec![
                field("job_function"),
                field("organisation_reference").hint("What your own systems call this person, such as a staff number."),
                field("language").hint("Like en or pt-BR."),
                field("time_zone").hint("Like Europe/London."),
            ],
            problems,
        }
    }
}

/// After a POST to `/users/{user_id}` whose person somebody else has deleted meanwhile.
#[derive(Template)]
#[template(path = "accounts/deleted_meanwhile.html")]
pub struct DeletedMeanwhilePage {
    chrome: Chrome,
    /// Where the form was sent.
    address: String,
    /// What was sent, but for the password.
    fields: Vec<(String, String)>,
    /// The same for people: what stands beside a field, and what was entered.
    entered: Vec<(&'static str, String)>,
    /// A password was entered, too.
    had_password: bool,
}

impl DeletedMeanwhilePage {
    /// With the form as it was sent.
    pub fn new(viewer: &Viewer, id: UserId, form: &AccountForm) -> DeletedMeanwhilePage {
        let sent = form.sent();
        let text = |field: &str| sent.iter().find(|(sent, text)| sent == field && !text.is_empty());
        let entered = AccountForm::FIELDS.iter().filter(|(field, _)| *field != "organisation"); // an id
        let entered = entered.filter_map(|(field, label)| Some((*label, text(field)?.1.clone()))).collect();
        DeletedMeanwhilePage {
            entered,
            chrome: Chrome::new("Error: This user was deleted", viewer, Section::Users),
            address: format!("/users/{id}"),
            fields: sent,
            had_password: !form.password.is_empty(),
        }
    }
}

/// First and last name.
pub fn name(account: &Account) -> String {
    format!("{} {}", account.values.first_name, account.values.last_name)
}
