//! The Org list.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::pages::{ListPage, Place, Row};
use super::queries::{self, PAGE_SIZE, Wanted};
use crate::app::AppState;
use crate::domain::access::Action;
use crate::error::AppError;
use crate::web::form::Asked;
use crate::web::format::counted;
use crate::web::guards::{Allowed, SeeLicenses};
use crate::web::page::{self, Chrome, Section};
use crate::web::pager::{Pager, page_number};

/// The query of the Org list.
#[derive(Deserialize)]
pub struct ListQuery {
    #[serde(default)]
    q: String,
    page: Option<String>,
}

/// GET `/organisations`. With a single organisation there is nothing to choose: its report.
pub async fn list(
    by: Allowed<SeeLicenses>,
    Asked(query): Asked<ListQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let search: String = query.q.trim().chars().filter(|c| !c.is_control()).collect();
    let wanted = Wanted {
        search: (!search.is_empty()).then(|| search.clone()),
        tops_only: false,
        page: page_number(query.page.as_deref()),
    };
    let (asking, number, now) = (by.clone(), wanted.page, state.clock.now());
    let (listed, total) = state.database.read(move |conn| queries::organisations(conn, &asking, &wanted, now)).await?;

    if let ([only], true, 1) = (listed.as_slice(), search.is_empty(), total) {
        return Ok(page::see_other(&format!("/organisations/{}/licenses", only.id)));
    }
    if listed.is_empty() && number > 1 {
        return Err(AppError::NotFound);
    }
    let found = counted(total, "organisation", "organisations");
    let lede = if search.is_empty() { found } else { format!("{found} with \u{201c}{search}\u{201d} in the name") };
    let parameters = match search.as_str() {
        "" => String::new(),
        search => form_urlencoded::Serializer::new(String::new()).append_pair("q", search).finish(),
    };
    page::ok(&ListPage {
        chrome: Chrome::new("Org list", by.by().viewer(), Section::Organisations),
        lede,
        pager: Pager::new("/organisations", &parameters, number, PAGE_SIZE, total),
        rows: listed
            .into_iter()
            .enumerate()
            .map(|(index, organisation)| {
                let place = match (search.is_empty(), index, number) {
                    (false, _, _) => Place::Alone,
                    (true, 0, 2..) => Place::FirstOnItsPage,
                    _ => Place::UnderItsParent,
                };
                let viewer = by.by().viewer();
                let sees = organisation.is_root && viewer.may_on_root(Action::SeeAgreements, organisation.id);
                Row::new(organisation, place, sees)
            })
            .collect(),
        search,
        may_create: by.by().viewer().scope_of(Action::CreateOrganisations).is_some(),
    })
}
