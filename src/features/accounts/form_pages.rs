//! The form of an account as it is shown: new, to be edited, with problems, or overtaken.

use askama::Template;
use chrono_tz::Tz;

use super::forms::{AccountForm, FIELDS, in_order, label};
use super::organisation_field::OrganisationField;
use super::queries::{Account, LastChange};
use crate::web::form::{Field, Problems};
use crate::web::format;
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
    /// Where the form is sent.
    pub action: String,
    /// Where Cancel leads.
    pub cancel: String,
    /// What the button says.
    pub button: &'static str,
    /// What is wrong.
    pub problems: Problems,
    /// Somebody else has saved meanwhile.
    pub overtaken: Option<Overtaken>,
    /// The version that the form is made from.
    pub version: Option<String>,
    /// What the form was filled with.
    pub filled: Option<String>,
    /// Names, username, e-mail.
    pub person: Vec<Field>,
    /// The home organisation.
    pub organisation: OrganisationField,
    /// Expiry and password.
    pub account: Vec<Field>,
    /// The rest.
    pub more: Vec<Field>,
}

/// What somebody else has saved while the form was open.
pub struct Overtaken {
    /// Who and when.
    pub lede: String,
    /// Field, what is stored now, what was entered.
    pub differing: Vec<(&'static str, String, String)>,
    /// What they changed and stands in the form now, since it was left as it was there.
    pub taken_over: Option<String>,
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
        let field = |name: &'static str| Field::new(name, label(name), form.value(name)).with(&problems);
        let password = match purpose {
            Purpose::New => "At least 8 characters. Leave it empty, and the person chooses one.",
            Purpose::Edit(_) => "Leave it empty to keep the present one. A new one signs the person out everywhere.",
        };
        FormPage {
            chrome: Chrome::new(&problems.title(&heading), viewer, Section::Users),
            heading,
            action,
            cancel,
            button,
            overtaken: None,
            version: form.version.clone(),
            filled: form.filled.clone(),
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

    /// Somebody else has saved meanwhile: what is stored now stands beside what was entered, and
    /// the same button saves knowingly. `form`: with what is stored now where nothing was entered.
    pub fn overtaken(
        viewer: &Viewer,
        account: &Account,
        (form, taken_over): (&AccountForm, &[&'static str]),
        entered_organisation: &str,
        organisation: OrganisationField,
        last: Option<&LastChange>,
    ) -> FormPage {
        let mut page = FormPage::new(viewer, &Purpose::Edit(account), form, organisation, Problems::default());
        page.chrome = Chrome::new(&format!("Error: {}", page.heading), viewer, Section::Users);
        page.button = "Save my version";
        page.overtaken = Some(Overtaken {
            lede: told(last, viewer.time_zone),
            differing: differing(account, form, entered_organisation),
            taken_over: (!taken_over.is_empty()).then(|| {
                let labels: Vec<&str> = taken_over.iter().map(|field| label(field)).collect();
                format!("What they changed and you left as it was stands below already: {}.", labels.join(", "))
            }),
        });
        page
    }
}

fn told(last: Option<&LastChange>, zone: Tz) -> String {
    match last {
        Some(LastChange { at, actor: Some(actor) }) => {
            format!("{actor} changed this account on {}, while you had it open.", format::moment(*at, zone))
        }
        Some(LastChange { at, actor: None }) => {
            format!("This account was changed on {}, while you had it open.", format::moment(*at, zone))
        }
        None => "This account was changed while you had it open.".to_owned(),
    }
}

fn differing(account: &Account, form: &AccountForm, organisation: &str) -> Vec<(&'static str, String, String)> {
    let stored = AccountForm::of(account);
    let empty_is_said = |text: &str| if text.is_empty() { "empty".to_owned() } else { text.to_owned() };
    FIELDS
        .into_iter()
        .map(|field| match field {
            "organisation" => (label(field), account.organisation.clone().unwrap_or_default(), organisation.to_owned()),
            _ => (label(field), stored.value(field).to_owned(), form.value(field).trim().to_owned()),
        })
        .filter(|(_, stored, entered)| stored != entered)
        .map(|(label, stored, entered)| (label, empty_is_said(&stored), empty_is_said(&entered)))
        .collect()
}

/// First and last name.
pub fn name(account: &Account) -> String {
    format!("{} {}", account.values.first_name, account.values.last_name)
}
