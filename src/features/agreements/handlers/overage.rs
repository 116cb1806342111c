//! Permitting an overage in writing.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use super::{address, last_agreed};
use crate::app::AppState;
use crate::error::AppError;
use crate::features::agreements::commands::{self, Saved};
use crate::features::agreements::pages::overage::{OverageForm, OveragePage};
use crate::features::agreements::queries::{self, Root, Year};
use crate::ids::OrganisationId;
use crate::web::form::{Problems, Sent};
use crate::web::guards::{Allowed, ChangeAgreements};
use crate::web::meanwhile::{self, Meanwhile};
use crate::web::page::{self, Chrome, Section};

/// GET `/organisations/{root_id}/agreement/overage`.
pub async fn form(
    by: Allowed<ChangeAgreements>,
    path: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let id = page::id(&path)?;
    let Some((root, year)) = running(&by, id, &state).await? else { return Ok(page::see_other(&address(id))) };
    page::ok(&page_of(&by, &root, &year, &OverageForm::of(&year), &Problems::default(), None))
}

/// POST `/organisations/{root_id}/agreement/overage`.
pub async fn permit(
    by: Allowed<ChangeAgreements>,
    path: web::Path<String>,
    Sent(form): Sent<OverageForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let id = page::id(&path)?;
    let Some((root, year)) = running(&by, id, &state).await? else { return Ok(page::see_other(&address(id))) };
    let wanted = match form.parse() {
        Ok(wanted) => wanted,
        Err(problems) => {
            return page::html(StatusCode::UNPROCESSABLE_ENTITY, &page_of(&by, &root, &year, &form, &problems, None));
        }
    };
    let done = if wanted.is_some() { "permitted" } else { "not_permitted" };
    let (asking, actor, version, now) = (by.clone(), by.by().actor(), form.version.clone(), state.clock.now());
    let saved =
        state.database.write(actor, move |conn| commands::permit(conn, &asking, id, wanted, &version, now)).await?;
    match saved {
        Saved::Done => Ok(page::see_other(&format!("{}?saved={done}", address(id)))),
        Saved::Refused(problems) => {
            page::html(StatusCode::UNPROCESSABLE_ENTITY, &page_of(&by, &root, &year, &form, &problems, None))
        }
        Saved::Outdated => {
            let Some((root, year)) = running(&by, id, &state).await? else { return Ok(page::see_other(&address(id))) };
            let merged = meanwhile::merged(&form, &OverageForm::of(&year));
            let last = last_agreed(&by, &year, &["agreement.overage_permitted"], &state).await?;
            let told = Meanwhile::new("the permitted overage", last.as_ref(), by.by().viewer(), &merged, |_, text| {
                text.to_owned()
            });
            let page = page_of(&by, &root, &year, &merged.form, &Problems::default(), Some(told));
            page::html(StatusCode::CONFLICT, &page)
        }
    }
}

/// The root and its license year, if one is running.
async fn running(
    by: &Allowed<ChangeAgreements>,
    id: OrganisationId,
    state: &AppState,
) -> Result<Option<(Root, Year)>, AppError> {
    let (asking, now) = (by.clone(), state.clock.now());
    state
        .database
        .read(move |conn| {
            let root = queries::root(conn, &asking, id, now)?;
            let year = queries::years(conn, id)?.running(&root).cloned();
            Ok(year.map(|year| (root, year)))
        })
        .await
}

fn page_of(
    by: &Allowed<ChangeAgreements>,
    root: &Root,
    year: &Year,
    form: &OverageForm,
    problems: &Problems,
    meanwhile: Option<Meanwhile>,
) -> OveragePage {
    let title = format!("Permit an overage: {}", root.name);
    let title = if meanwhile.is_some() { format!("Error: {title}") } else { problems.title(&title) };
    OveragePage::new(
        Chrome::new(&title, by.by().viewer(), Section::Organisations),
        root,
        year,
        form,
        problems,
        meanwhile,
    )
}
