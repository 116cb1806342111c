//! Agreeing on terms: the first license year, changes of the current one, and the next one.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use super::{address, last_agreed};
use crate::app::AppState;
use crate::error::AppError;
use crate::features::agreements::commands::{self, Saved};
use crate::features::agreements::pages::terms::{Target, TermsPage, words};
use crate::features::agreements::queries::{self, Root, Tier, Year, Years};
use crate::features::agreements::terms::TermsForm;
use crate::ids::OrganisationId;
use crate::web::form::{Problems, Sent};
use crate::web::guards::{Allowed, ChangeAgreements};
use crate::web::meanwhile::{self, Meanwhile};
use crate::web::page::{self, Chrome, Section};

/// What a form of terms goes by.
struct Known {
    root: Root,
    years: Years,
    tiers: Vec<Tier>,
}

impl Known {
    /// Whose tier and version the form has: the year that is changed, or the one that is renewed.
    fn year(&self, target: Target) -> Option<&Year> {
        let Years { current, coming } = &self.years;
        match target {
            Target::Current => current.as_ref().or(coming.as_ref()),
            Target::Next => coming.as_ref().filter(|_| current.is_some()).or(current.as_ref()),
        }
    }

    fn filled(&self, target: Target) -> TermsForm {
        match self.year(target) {
            Some(year) => TermsForm::of(year, &self.tiers),
            None => TermsForm::first(self.root.today, self.root.user_limit),
        }
    }
}

async fn known(
    by: &Allowed<ChangeAgreements>,
    id: OrganisationId,
    target: Target,
    state: &AppState,
) -> Result<Known, AppError> {
    let (asking, now) = (by.clone(), state.clock.now());
    state
        .database
        .read(move |conn| {
            let mut known = Known {
                root: queries::root(conn, &asking, id, now)?,
                years: queries::years(conn, id)?,
                tiers: Vec::new(),
            };
            let kept = known.year(target).and_then(|year| year.tier_id);
            known.tiers = queries::tiers_with(conn, kept)?;
            Ok(known)
        })
        .await
}

/// GET `/organisations/{root_id}/agreement/terms`.
pub async fn terms_form(
    by: Allowed<ChangeAgreements>,
    path: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    form(&by, page::id(&path)?, Target::Current, &state).await
}

/// GET `/organisations/{root_id}/agreement/renewal`.
pub async fn renewal_form(
    by: Allowed<ChangeAgreements>,
    path: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    form(&by, page::id(&path)?, Target::Next, &state).await
}

async fn form(
    by: &Allowed<ChangeAgreements>,
    id: OrganisationId,
    target: Target,
    state: &AppState,
) -> Result<HttpResponse, AppError> {
    let known = known(by, id, target, state).await?;
    if target == Target::Next && known.years.current.is_none() {
        return Ok(page::see_other(&address(id)));
    }
    let filled = known.filled(target);
    page::ok(&page_of(by, target, &known, &filled, &Problems::default(), None))
}

/// POST `/organisations/{root_id}/agreement/terms`.
pub async fn change(
    by: Allowed<ChangeAgreements>,
    path: web::Path<String>,
    Sent(form): Sent<TermsForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    save(&by, page::id(&path)?, Target::Current, form, &state).await
}

/// POST `/organisations/{root_id}/agreement/renewal`.
pub async fn renew(
    by: Allowed<ChangeAgreements>,
    path: web::Path<String>,
    Sent(form): Sent<TermsForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    save(&by, page::id(&path)?, Target::Next, form, &state).await
}

async fn save(
    by: &Allowed<ChangeAgreements>,
    id: OrganisationId,
    target: Target,
    form: TermsForm,
    state: &AppState,
) -> Result<HttpResponse, AppError> {
    // whether it exists comes before whether the form is right
    let known = known(by, id, target, state).await?;
    let mut problems = Problems::default();
    let is_first = known.year(target).is_none();
    let starts_on = if is_first { form.first_day(known.root.today, &mut problems) } else { None };
    let wanted = form.terms(&known.tiers, &mut problems);
    let Some(terms) = wanted.filter(|_| problems.is_empty()) else {
        return page::html(StatusCode::UNPROCESSABLE_ENTITY, &page_of(by, target, &known, &form, &problems, None));
    };
    let (asking, actor, version, now) = (by.clone(), by.by().actor(), form.version.clone(), state.clock.now());
    let saved = state
        .database
        .write(actor, move |conn| match (target, starts_on) {
            (_, Some(starts_on)) => commands::agree(conn, &asking, id, starts_on, &terms, now),
            (Target::Current, None) => commands::change_current(conn, &asking, id, &terms, &version, now),
            (Target::Next, None) => commands::renew(conn, &asking, id, &terms, &version, now),
        })
        .await?;
    match saved {
        Saved::Done => Ok(page::see_other(&format!("{}?saved={}", address(id), target.saved(is_first)))),
        Saved::Refused(problems) => {
            page::html(StatusCode::UNPROCESSABLE_ENTITY, &page_of(by, target, &known, &form, &problems, None))
        }
        Saved::Outdated => {
            let known = self::known(by, id, target, state).await?;
            let merged = meanwhile::merged(&form, &known.filled(target));
            let last = match known.year(target) {
                Some(year) => {
                    last_agreed(by, year, &["agreement.agreed", "agreement.changed", "agreement.upgraded"], state)
                        .await?
                }
                None => None,
            };
            let words = |field: &str, text: &str| words(&known.tiers, field, text);
            let told = Meanwhile::new("the agreement", last.as_ref(), by.by().viewer(), &merged, words);
            let page = page_of(by, target, &known, &merged.form, &Problems::default(), Some(told));
            page::html(StatusCode::CONFLICT, &page)
        }
    }
}

fn page_of(
    by: &Allowed<ChangeAgreements>,
    target: Target,
    known: &Known,
    form: &TermsForm,
    problems: &Problems,
    meanwhile: Option<Meanwhile>,
) -> TermsPage {
    let heading = target.heading(known.year(target).is_none());
    let title = format!("{heading}: {}", known.root.name);
    let title = if meanwhile.is_some() { format!("Error: {title}") } else { problems.title(&title) };
    let chrome = Chrome::new(&title, by.by().viewer(), Section::Organisations);
    TermsPage::new(chrome, target, (&known.root, &known.years), &known.tiers, form, problems, meanwhile)
}
