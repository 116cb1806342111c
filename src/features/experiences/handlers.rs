//! The list of learning experiences, and one of them.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::pages::{ListPage, ShowPage};
use super::queries::{self, Filter, Order, SortBy};
use crate::app::AppState;
use crate::domain::access::Action;
use crate::error::AppError;
use crate::web::form::Asked;
use crate::web::guards::{Allowed, EditExperiences, Enrol};
use crate::web::page::{self, Chrome, Section};
use crate::web::pager::page_number;
use crate::web::query::or_default;

pub use super::writing::{archive, create, edit_form, new_form, unarchive, update};

/// The query of the list. What cannot be read counts as not given.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    q: String,
    archived: String,
    #[serde(deserialize_with = "or_default")]
    sort: SortBy,
    order: String,
    page: Option<String>,
}

impl ListQuery {
    fn filter(&self) -> Filter {
        let search: String = self.q.chars().filter(|c| !c.is_control()).take(200).collect();
        let archived = match self.archived.as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        Filter { search: search.trim().to_owned(), archived }
    }
}

/// GET `/experiences`.
pub async fn list(
    by: Allowed<Enrol>,
    Asked(query): Asked<ListQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (asking, now, number) = (by.clone(), state.clock.now(), page_number(query.page.as_deref()));
    let (filter, order) = (query.filter(), Order { by: query.sort, descending: query.order == "desc" });
    let wanted = filter.clone();
    let shown = state.database.read(move |conn| queries::page(conn, &asking, &wanted, order, number, now)).await?;
    if shown.rows.is_empty() && number > 1 {
        return Err(AppError::NotFound);
    }
    let viewer = by.by().viewer();
    let may_add = viewer.scope_of(Action::EditExperiences).is_some();
    let chrome = Chrome::new("Learning experiences", viewer, Section::Experiences);
    page::ok(&ListPage::new(chrome, filter, order, number, shown, may_add))
}

/// The query of one: what was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ShowQuery {
    saved: String,
}

/// GET `/experiences/{experience_id}`.
pub async fn show(
    by: Allowed<Enrol>,
    path: web::Path<String>,
    Asked(query): Asked<ShowQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (asking, id, now) = (by.clone(), page::id(&path)?, state.clock.now());
    let (header, counts, may_edit) = state
        .database
        .read(move |conn| {
            let header = queries::visible(conn, &asking, id, now)?;
            let counts = queries::counts(conn, &asking, &[id], now)?.remove(&id).unwrap_or_default();
            let editor = Allowed::<EditExperiences>::new(asking.by().clone());
            let may_edit = editor.is_some_and(|editor| queries::editable(conn, &editor, id, now).is_ok());
            Ok((header, counts, may_edit))
        })
        .await?;
    let chrome = Chrome::new(&header.title, by.by().viewer(), Section::Experiences);
    page::ok(&ShowPage::new(chrome, header, counts, may_edit, &query.saved))
}
