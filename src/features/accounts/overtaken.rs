//! Somebody else was faster, while the form of an account was open.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::form_checks::organisation_for;
use super::form_pages::{FormPage, Purpose};
use super::forms::AccountForm;
use super::organisation_field::{self, Chosen};
use super::queries::Account;
use crate::app::AppState;
use crate::error::AppError;
use crate::features::audit::queries::{Changed, last_change};
use crate::ids::UserId;
use crate::web::form::Problems;
use crate::web::guards::{Allowed, EditUsers};
use crate::web::meanwhile::{self, Meanwhile, Versioned as _};
use crate::web::page::{self, Chrome, Section};

/// Somebody else has saved the account since the form was made.
pub async fn overtaken(
    by: Allowed<EditUsers>,
    fresh: Account,
    form: AccountForm,
    state: &AppState,
) -> Result<HttpResponse, AppError> {
    let asking = by.clone();
    let (fresh, merged, password, organisation, entered, last) = state
        .database
        .read(move |conn| {
            let mut form = form;
            // a path that was sent back as it was shown is no other organisation
            if let Chosen::Organisation(chosen) =
                organisation_field::choose(conn, &asking, form.organisation.as_deref())?
            {
                form.organisation = Some(chosen.id.to_string());
            }
            let merged = meanwhile::merged(&form, &AccountForm::of(&fresh));
            let organisation = organisation_for(conn, &asking, merged.form.value("organisation"))?;
            let entered = match organisation_field::choose(conn, &asking, merged.form.organisation.as_deref())? {
                Chosen::Organisation(chosen) => chosen.path,
                Chosen::NotAsked => fresh.organisation.clone().unwrap_or_default(),
                Chosen::NoOrganisation | Chosen::Problem(_) => String::new(),
            };
            let last = last_change(conn, &asking, Changed::Account(fresh.id))?;
            Ok((fresh, merged, form.password, organisation, entered, last))
        })
        .await?;
    let stored = AccountForm::of(&fresh);
    let words = |field: &str, text: &str| match field {
        "organisation" if text == stored.value(field) => fresh.organisation.clone().unwrap_or_default(),
        "organisation" => entered.clone(),
        _ => text.to_owned(),
    };
    let told = Meanwhile::new("this account", last.as_ref(), by.by().viewer(), &merged, words);
    let form = AccountForm { password, ..merged.form };
    let purpose = Purpose::Edit(&fresh);
    let mut page = FormPage::new(by.by().viewer(), &purpose, &form, organisation, Problems::default());
    page.chrome = Chrome::new(&format!("Error: {}", page.heading), by.by().viewer(), Section::Users);
    page.button = "Save my version";
    page.meanwhile = Some(told);
    page::html(StatusCode::CONFLICT, &page)
}

#[derive(Template)]
#[template(path = "accounts/deleted_meanwhile.html")]
struct DeletedPage {
    chrome: Chrome,
    /// Where the form was sent.
    address: String,
    /// What was sent, but for the password.
    fields: Vec<(String, String)>,
    /// A password was entered, too.
    had_password: bool,
}

/// Somebody else has deleted the person since the form was made: what was entered stays at hand until they are
/// restored.
pub fn deleted(by: &Allowed<EditUsers>, id: UserId, form: &AccountForm) -> Result<HttpResponse, AppError> {
    let page = DeletedPage {
        chrome: Chrome::new("Error: This user was deleted", by.by().viewer(), Section::Users),
        address: format!("/users/{id}"),
        fields: form.sent(),
        had_password: !form.password.is_empty(),
    };
    page::html(StatusCode::CONFLICT, &page)
}
