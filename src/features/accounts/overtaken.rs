//! Somebody else was faster, while the form of an account was open.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::form_checks::organisation_for;
use super::form_pages::{DeletedMeanwhilePage, FormPage, Purpose};
use super::forms::AccountForm;
use super::organisation_field::{self, Chosen};
use super::queries::Account;
use super::queries_deleted;
use crate::app::AppState;
use crate::error::AppError;
use crate::features::audit::queries::{Changed, last_change};
use crate::ids::UserId;
use crate::web::form::Problems;
use crate::web::guards::{Allowed, EditUsers};
use crate::web::meanwhile::{self, Meanwhile};
use crate::web::page::{self, Chrome, Section};

/// Somebody else has saved the account since the form was made.
pub async fn overtaken(
    by: &Allowed<EditUsers>,
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
            let organisation = organisation_for(conn, &asking, merged.form.organisation())?;
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
        "organisation" if text == stored.organisation() => fresh.organisation.clone().unwrap_or_default(),
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

/// Nobody is there of this id. If somebody else has deleted the person since the form was made, what was entered stays at
/// hand until they are restored.
pub async fn deleted(
    by: &Allowed<EditUsers>,
    id: UserId,
    form: &AccountForm,
    state: &AppState,
) -> Result<HttpResponse, AppError> {
    let (asking, now) = (by.clone(), state.clock.now());
    if !state.database.read(move |conn| queries_deleted::can_be_restored(conn, &asking, id, now)).await? {
        return Err(AppError::NotFound);
    }
    page::html(StatusCode::CONFLICT, &DeletedMeanwhilePage::new(by.by().viewer(), id, form))
}
