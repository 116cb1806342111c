//! Signing in, signing out, and where everybody starts.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;

use super::pages::FormPage;
use super::{commands, queries};
use crate::app::AppState;
use crate::db::attempts::Keys;
use crate::db::audit::Actor;
use crate::domain::access::Action;
use crate::error::AppError;
use crate::ids::UserId;
use crate::web::form::{Asked, Sent};
use crate::web::guards::SignedIn;
use crate::web::page;
use crate::web::session::TypedSession;
use crate::web::viewer::viewer;

/// The same words whether the name or the password is wrong, so that nobody learns who has an account.
const WRONG: &str = "The username or the password is wrong, or the account has expired.";

/// Query of the sign-in page.
#[derive(Deserialize)]
pub struct FormQuery {
    #[serde(default)]
    next: String,
    password_set: Option<String>,
}

/// The fields of the sign-in form.
#[derive(Deserialize)]
pub struct SignInForm {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// GET `/`: the screen that the person is most likely here for.
pub async fn landing(person: SignedIn) -> HttpResponse {
    let administers = person.viewer().scope_of(Action::SeeLicenses).is_some();
    page::see_other(if administers { "/organisations" } else { "/learn" })
}

/// GET `/sign-in`.
pub async fn form(person: Option<SignedIn>, Asked(query): Asked<FormQuery>) -> Result<HttpResponse, AppError> {
    if person.is_some() {
        return Ok(page::see_other(own_path(&query.next)));
    }
    page::ok(&FormPage { password_set: query.password_set.is_some(), ..FormPage::new("", &query.next, None) })
}

/// POST `/sign-in`.
pub async fn sign_in(
    request: HttpRequest,
    state: web::Data<AppState>,
    session: TypedSession,
    Sent(form): Sent<SignInForm>,
) -> Result<HttpResponse, AppError> {
    let SignInForm { username, password, next } = form;
    let address = state.client_address(&request);
    let now = state.clock.now();
    let keys = Keys::sign_in(&username, address.as_deref());

    let (counted, program) = (keys.clone(), Actor::Program { address: address.clone() });
    let wait = state.database.write(program, move |conn| commands::count_attempt(conn, &counted, now)).await?;
    if let Some(wait) = wait {
        return too_many(&username, &next, wait);
    }
    let name = username.trim().to_owned();
    let found = state.database.read(move |conn| queries::credentials(conn, &name)).await?;
    let hash = found.as_ref().and_then(|person| person.password_hash.clone());
    let matches = state.hasher.verify(password, hash).await?;

    let whose = found.as_ref().map(|person| (person.id, person.organisation_id));
    if let Some(person) = found
        && matches
        && is_usable(&state, person.id, now).await?
    {
        let actor = Actor::Person { id: person.id, address: address.clone() };
        let sign_in = move |conn: &mut _| commands::record_sign_in(conn, &person, &keys, now);
        if let Some(begun) = state.database.write(actor, sign_in).await? {
            session.sign_in(&begun)?;
            return Ok(page::see_other(own_path(&next)));
        }
    }
    state.database.write(Actor::Program { address }, move |_| Ok(commands::record_failure(whose))).await?;
    let page = FormPage::new(&username, &next, Some(WRONG.to_owned()));
    page::html(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// POST `/sign-out`.
pub async fn sign_out(
    person: Result<SignedIn, AppError>,
    session: TypedSession,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let person = match person {
        Ok(person) => Some(person),
        Err(AppError::SignInRequired { .. }) => None,
        Err(error) => return Err(error), // still signed in, and told so
    };
    if let Some(person) = person {
        let (id, home, place) = (person.viewer().id, person.viewer().home, session.place());
        let sign_out = move |conn: &mut _| commands::sign_out(conn, id, home, place.as_ref());
        state.database.write(person.actor(), sign_out).await?;
    }
    session.sign_out();
    Ok(page::see_other("/sign-in"))
}

/// An account that has expired cannot sign in.
async fn is_usable(state: &AppState, id: UserId, now: DateTime<Utc>) -> Result<bool, AppError> {
    Ok(state.database.read(move |conn| viewer(conn, id, now)).await?.is_some())
}

fn too_many(username: &str, next: &str, wait: Duration) -> Result<HttpResponse, AppError> {
    let seconds = wait.num_seconds() + 1;
    let unit = if seconds == 1 { "second" } else { "seconds" };
    let problem = format!("There were too many failed attempts. Try again in {seconds} {unit}.");
    let page = FormPage::new(username, next, Some(problem));
    let mut response = page::html(StatusCode::TOO_MANY_REQUESTS, &page)?;
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    Ok(response)
}

/// Only a path of this program: a link from elsewhere must not lead on to elsewhere.
fn own_path(next: &str) -> &str {
    let is_path =
        next.starts_with('/') && !next.starts_with("//") && next.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    if is_path { next } else { "/" }
}
