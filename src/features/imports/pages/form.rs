//! Choose file, organisation, "Synchronize Users", Submit.

use askama::Template;

use crate::domain::users_csv::limits::MAX_WORKBOOK_BYTES;
use crate::features::imports::commands::MOST_BYTES;
use crate::features::organisations::queries::Offered;
use crate::ids::OrganisationId;
use crate::web::form::{Choice, Problems};
use crate::web::page::{Chrome, Section};
use crate::web::pager::with_query;
use crate::web::viewer::Viewer;

/// What was entered; a browser does not keep the file.
#[derive(Debug, Default)]
pub struct Typed {
    /// The organisation.
    pub organisation: Option<OrganisationId>,
    /// No organisation was chosen where one could have been.
    pub chose_none: bool,
    /// "Synchronize Users" is ticked.
    pub synchronize: bool,
}

/// GET `/users/import`, and again after a POST that was refused.
#[derive(Template)]
#[template(path = "imports/form.html")]
pub struct FormPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What is wrong.
    pub problems: Problems,
    /// What is wrong with the file.
    pub file_problem: Option<String>,
    /// Organisations to choose from.
    pub organisation: Choice,
    /// As ticked.
    pub synchronize: bool,
    /// EXPORT TO CSV.
    pub export: String,
    /// Megabytes of a file, at most.
    pub most: u64,
    /// Megabytes of a workbook, at most.
    pub most_excel: u64,
    /// Columns with what they hold, and what they may be called besides.
    pub columns: Vec<(&'static str, &'static str, &'static str)>,
}

/// Names of columns, what to know about each, and what it may be called besides (`users_csv::ALIASES`, as people write it).
const COLUMNS: [(&str, &str, &str); 8] = [
    (
        "user_id",
        "the unique ID, as an export has it. Empty for somebody new; a row without it is matched by username",
        "unique ID",
    ),
    ("username", "needed for somebody new", "login, login_id, login name"),
    ("email", "needed for somebody new", "mail, e-mail address, mail address"),
    ("first_name", "needed for somebody new", "given name, forename"),
    ("last_name", "needed for somebody new", "surname, family name"),
    (
        "organisation",
        "the path of names, like Acme Group > Acme Nordics. Empty: the organisation of the import",
        "organization, organisation path, organization path, org, org path",
    ),
    ("roles", "org_admin, user_manager, or both with a semicolon between. Empty takes them away", "role"),
    (
        "account_expires_on",
        "the last day of the account, like 2026-11-24. Empty: it does not end",
        "expires on, account expiry, account expires, expiry date, account expiry date, valid until",
    ),
];

impl FormPage {
    /// With what was entered.
    pub fn new(viewer: &Viewer, offered: &[Offered], typed: &Typed, problems: Problems) -> FormPage {
        let chosen = typed.organisation.map(|id| id.to_string()).unwrap_or_default();
        let options = offered.iter().map(|organisation| (organisation.id.to_string(), organisation.path.clone()));
        let first =
            (offered.len() > 1 || chosen.is_empty()).then(|| (String::new(), "Choose an organisation".to_owned()));
        let mut organisation = Choice::new("organisation", "Organisation", first.into_iter().chain(options), &chosen);
        organisation.hint = match offered.iter().all(|organisation| organisation.complete) {
            true => "The import is for it and everything below it.".to_owned(),
            false => "The import is for it and everything below it. To import for an organisation that is not in this \
                      list, choose it as a filter in Users first."
                .to_owned(),
        };
        FormPage {
            chrome: Chrome::new(&problems.title("Import Users"), viewer, Section::Users),
            file_problem: problems.of("file").map(str::to_owned),
            organisation: organisation.required().with(&problems),
            synchronize: typed.synchronize,
            export: with_query("/users.csv", [("organisation", chosen)]),
            most: MOST_BYTES >> 20,
            most_excel: MAX_WORKBOOK_BYTES >> 20,
            columns: COLUMNS.to_vec(),
            problems,
        }
    }
}
