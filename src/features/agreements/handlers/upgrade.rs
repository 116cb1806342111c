//! The offer of an upgrade, and accepting it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::address;
use crate::app::AppState;
use crate::domain::access::Action;
use crate::error::AppError;
use crate::features::agreements::commands::{self, Seen};
use crate::features::agreements::pages::upgrade::UpgradePage;
use crate::features::agreements::queries::{self, NoOffer, Offer, Root};
use crate::ids::OrganisationId;
use crate::web::form::Sent;
use crate::web::guards::{AcceptUpgrade, Allowed, Permission, SeeAgreements};
use crate::web::page::{self, Chrome, Section};

/// What the form carries: the offer that was shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AcceptForm {
    tier: String,
    price: String,
    on: String,
}

impl AcceptForm {
    fn seen(&self) -> Option<Seen> {
        let (tier, price, on) = (self.tier.parse(), self.price.parse(), self.on.parse());
        Some(Seen { tier: tier.ok()?, price: price.ok()?, on: on.ok()? })
    }
}

/// GET `/organisations/{root_id}/upgrade`.
pub async fn offer(
    by: Allowed<SeeAgreements>,
    path: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (root, offer) = current(&by, page::id(&path)?, &state).await?;
    page::ok(&page_of(&by, &root, offer, false))
}

/// POST `/organisations/{root_id}/upgrade`.
pub async fn accept(
    by: Allowed<AcceptUpgrade>,
    path: web::Path<String>,
    Sent(form): Sent<AcceptForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (id, now) = (page::id(&path)?, state.clock.now());
    let done = match form.seen() {
        Some(seen) => {
            let (asking, actor) = (by.clone(), by.by().actor());
            state.database.write(actor, move |conn| commands::accept(conn, &asking, id, seen, now)).await?
        }
        None => false,
    };
    if done {
        return Ok(page::see_other(&format!("{}?saved=upgraded", address(id))));
    }
    let (root, offer) = current(&by, id, &state).await?;
    page::html(StatusCode::CONFLICT, &page_of(&by, &root, offer, true))
}

async fn current<P: Permission>(
    by: &Allowed<P>,
    id: OrganisationId,
    state: &AppState,
) -> Result<(Root, Result<Offer, NoOffer>), AppError> {
    let (scope, now) = (by.by().clone(), state.clock.now());
    let asking = Allowed::<SeeAgreements>::new(scope).ok_or(AppError::Forbidden)?;
    state
        .database
        .read(move |conn| {
            let root = queries::root(conn, &asking, id, now)?;
            let offer = queries::offer(&root, &queries::years(conn, id)?, &queries::tiers(conn)?);
            Ok((root, offer))
        })
        .await
}

fn page_of<P: Permission>(by: &Allowed<P>, root: &Root, offer: Result<Offer, NoOffer>, changed: bool) -> UpgradePage {
    let viewer = by.by().viewer();
    let title = format!("Upgrade: {}", root.name);
    let title = if changed { format!("Error: {title}") } else { title };
    let may_accept = viewer.may_on_root(Action::AcceptUpgrade, root.id);
    UpgradePage::new(Chrome::new(&title, viewer, Section::Organisations), root, offer, may_accept, changed)
}
