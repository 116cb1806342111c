//! The list of notices.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::pages::{ListPage, Shown};
use super::queries::{self, Filter};
use crate::app::AppState;
use crate::domain::news::Topic;
use crate::error::AppError;
use crate::web::form::Asked;
use crate::web::guards::{Allowed, SeeNotices};
use crate::web::page;

/// The query of the list. What cannot be read counts as not given.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    q: String,
    kind: String,
    after: String,
}

impl ListQuery {
    fn filter(&self) -> Filter {
        let name: String = self.q.chars().filter(|c| !c.is_control()).take(200).collect();
        Filter { name: name.trim().to_owned(), topic: Topic::from_code(&self.kind) }
    }
}

/// GET `/notices`.
pub async fn list(
    by: Allowed<SeeNotices>,
    Asked(query): Asked<ListQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (asking, filter, after) = (by.clone(), query.filter(), query.after.parse().ok());
    let shown = state
        .database
        .read(move |conn| {
            let page = queries::page(conn, &asking, &filter, after)?;
            let days_off = queries::days_off(conn)?;
            Ok(Shown { filter, page, days_off, is_first: after.is_none() })
        })
        .await?;
    page::ok(&ListPage::new(by.by().viewer(), shown))
}
