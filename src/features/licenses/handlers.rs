//! The User License Report and its CSV.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::order::{Order, SortBy};
use super::pages::ReportPage;
use super::queries::{self, Page, Report};
use super::{commands, csv_export};
use crate::app::AppState;
use crate::domain::access::{Action, Scope};
use crate::error::AppError;
use crate::ids::OrganisationId;
use crate::web::download;
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
}

impl ReportQuery {
    fn order(&self) -> Order {
        Order { by: self.sort, descending: self.order.as_deref() == Some("desc") }
    }
}

/// The id in the address; whatever is no id leads nowhere.
fn organisation(path: &str) -> Result<OrganisationId, AppError> {
    path.parse().map_err(|_| AppError::NotFound)
}

/// GET `/organisations/{id}/licenses`.
pub async fn show(
    by: Allowed<SeeLicenses>,
    path: web::Path<String>,
    query: web::Query<ReportQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let organisation = organisation(&path)?;
    let (order, number, now) = (query.order(), page_number(query.page.as_deref()), state.clock.now());
    let asking = by.clone();
    let report = state
        .database
        .read(move |conn| queries::report(conn, &asking, organisation, now, order, Page::Number(number)))
        .await?;
    if report.rows.is_empty() && number > 1 {
        return Err(AppError::NotFound);
    }
    let title = format!("User License Report: {}", report.total.name);
    let viewer = by.by().viewer();
    let chrome = Chrome::new(&title, viewer, Section::Organisations);
    let ways = ways(viewer, &report);
    page::ok(&ReportPage::new(chrome, report, order, number, ways))
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
    query: web::Query<ReportQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let organisation = organisation(&path)?;
    let (order, now, actor) = (query.order(), state.clock.now(), by.by().actor());
    let report = state
        .database
        .write(actor, move |conn| {
            let report = queries::report(conn, &by, organisation, now, order, Page::All)?;
            Ok(commands::record_export(report))
        })
        .await?;
    Ok(download::csv(&csv_export::file_name(&report), csv_export::file(&report)?))
}
