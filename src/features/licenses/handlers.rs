//! The User License Report and its CSV.

use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::Deserialize;

use super::order::{Asked, Order, SortBy};
use super::pages::{Extras, ReportPage, Subscription};
use super::queries::{self, Page, Report, Source};
use super::{commands, csv_export, queries_history};
use crate::app::AppState;
use crate::domain::access::{Action, Scope};
use crate::error::AppError;
use crate::web::download;
use crate::web::form::{self, Sent};
use crate::web::guards::{Allowed, SeeLicenses};
use crate::web::page::{self, Chrome, Section};
use crate::web::pager::page_number;
use crate::web::query::or_default;
use crate::web::viewer::Viewer;

/// The query of both addresses. What cannot be read counts as not given: an old bookmark still
/// opens the report.
#[derive(Deserialize)]
pub struct ReportQuery {
    #[serde(default, deserialize_with = "or_default")]
    sort: SortBy,
    order: Option<String>,
    page: Option<String>,
    on: Option<String>,
    month: Option<String>,
    subscribed: Option<String>,
}

impl ReportQuery {
    fn order(&self) -> Order {
        Order { by: self.sort, descending: self.order.as_deref() == Some("desc") }
    }

    /// The day that is asked for, or what was typed instead of one.
    fn on(&self) -> Result<Option<NaiveDate>, String> {
        let typed = self.on.as_deref().unwrap_or_default();
        form::date(typed).map_err(|_| typed.chars().take(40).collect())
    }

    /// The first day of the month that is asked for.
    fn month(&self) -> Option<NaiveDate> {
        form::date(&format!("{}-01", self.month.as_deref()?)).ok().flatten()
    }

    fn asked(&self) -> Asked {
        Asked { order: self.order(), on: self.on().ok().flatten() }
    }
}

/// GET `/organisations/{id}/licenses`.
pub async fn show(
    by: Allowed<SeeLicenses>,
    path: web::Path<String>,
    form::Asked(query): form::Asked<ReportQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let organisation = page::id(&path)?;
    let (asked, number, now) = (query.asked(), page_number(query.page.as_deref()), state.clock.now());
    let asking = by.clone();
    let (report, history, is_on) = state
        .database
        .read(move |conn| {
            let report = queries::report(conn, &asking, organisation, now, asked, Page::Number(number))?;
            let history = match report.source {
                Source::Now if number == 1 => {
                    Some(queries_history::history(conn, &asking, organisation, report.total.used, now)?)
                }
                _ => None,
            };
            let is_on = queries::is_subscribed(conn, &asking, organisation)?;
            Ok((report, history, is_on))
        })
        .await?;
    if report.rows.is_empty() && number > 1 {
        return Err(AppError::NotFound);
    }
    let title = format!("User License Report: {}", report.total.name);
    let viewer = by.by().viewer();
    let chrome = Chrome::new(&title, viewer, Section::Organisations);
    let extras = Extras {
        history,
        month: query.month(),
        unreadable: query.on().err(),
        asked: asked.on,
        subscription: Some(Subscription {
            address: format!("/organisations/{organisation}/licenses/subscription"),
            is_on,
            just: query.subscribed.as_deref().map(|just| just == "1").filter(|just| *just == is_on),
        }),
        ways: ways(viewer, &report),
    };
    page::ok(&ReportPage::new(chrome, report, asked.order, number, extras))
}

/// Where a report leads to, for whoever may go there.
fn ways(viewer: &Viewer, report: &Report) -> Vec<(String, &'static str)> {
    let to = |page: &str| format!("/organisations/{}/{page}", report.total.id);
    let mut ways = Vec::new();
    if report.is_root && viewer.may_on_root(Action::SeeAgreements, report.total.id) {
        ways.push((to("agreement"), "LICENSE AGREEMENT"));
    }
    let here_or_above = std::iter::once(report.total.id).chain(report.ancestors.iter().map(|above| above.id));
    let may_set_limits = match viewer.scope_of(Action::SetLimits) {
        Some(Scope::Subtrees(tops)) => here_or_above.into_iter().any(|organisation| tops.contains(&organisation)),
        everything => everything.is_some(),
    };
    if report.children > 0 && may_set_limits {
        ways.push((to("limits"), "LIMITS"));
    }
    if viewer.scope_of(Action::CreateOrganisations).is_some() {
        ways.push((to("edit"), "EDIT"));
    }
    ways
}

/// GET `/organisations/{id}/licenses.csv`: EXPORT TO CSV.
pub async fn export(
    by: Allowed<SeeLicenses>,
    path: web::Path<String>,
    form::Asked(query): form::Asked<ReportQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let organisation = page::id(&path)?;
    let (asked, now, actor) = (query.asked(), state.clock.now(), by.by().actor());
    let report = state
        .database
        .write(actor, move |conn| {
            let report = queries::report(conn, &by, organisation, now, asked, Page::All)?;
            Ok(commands::record_export(report))
        })
        .await?;
    Ok(download::csv(&csv_export::file_name(&report), csv_export::file(&report)?))
}

/// The form that asks for the monthly mail.
#[derive(Debug, Deserialize)]
pub struct SubscriptionForm {
    #[serde(default)]
    wanted: String,
}

/// POST `/organisations/{id}/licenses/subscription`: "Mail me this report every month", and "Stop".
pub async fn subscribe(
    by: Allowed<SeeLicenses>,
    path: web::Path<String>,
    form: Sent<SubscriptionForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let organisation = page::id(&path)?;
    let (wanted, now, actor) = (form.0.wanted == "1", state.clock.now(), by.by().actor());
    state.database.write(actor, move |conn| commands::subscribe(conn, &by, organisation, wanted, now)).await?;
    let subscribed = u8::from(wanted);
    Ok(page::see_other(&format!("/organisations/{organisation}/licenses?subscribed={subscribed}#monthly")))
}
