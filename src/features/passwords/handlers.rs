//! Asking for a link, and setting a password with it.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use tokio::time::{Instant, sleep_until};

use super::commands::{self, Link};
use super::pages::{EditPage, ForgotPage, GonePage};
use super::queries;
use crate::app::AppState;
use crate::db::attempts::Keys;
use crate::db::audit::Actor;
use crate::domain::password;
use crate::error::AppError;
use crate::mail::password_links;
use crate::web::form::{Asked, Problems, Sent};
use crate::web::page;
use crate::web::session::{self, TypedSession};

/// No answer to a request for a link comes sooner, so that its time does not tell whether there is
/// such an account: the work for one that exists takes some milliseconds longer.
const ANSWER_AFTER: Duration = Duration::from_millis(150);

/// The query of the page that sends a link.
#[derive(Deserialize)]
pub struct ForgotQuery {
    sent: Option<String>,
}

/// The fields of the form that sends a link.
#[derive(Deserialize)]
pub struct ForgotForm {
    #[serde(default)]
    username: String,
}

/// The fields of the form that sets a password.
#[derive(Deserialize)]
pub struct PasswordForm {
    #[serde(default)]
    password: String,
    #[serde(default)]
    password_again: String,
}

/// GET `/password/forgot`.
pub async fn forgot_form(Asked(query): Asked<ForgotQuery>) -> Result<HttpResponse, AppError> {
    page::ok(&ForgotPage { sent: query.sent.is_some(), ..ForgotPage::new("", Problems::default()) })
}

/// POST `/password/forgot`.
pub async fn forgot(
    request: HttpRequest,
    Sent(form): Sent<ForgotForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (answer_at, now) = (Instant::now() + ANSWER_AFTER, state.clock.now());
    let name = form.username.trim().to_owned();
    if name.is_empty() {
        let problems = Problems::one("username", "Enter your username or your e-mail address.");
        return page::html(StatusCode::UNPROCESSABLE_ENTITY, &ForgotPage::new("", problems));
    }
    let address = state.client_address(&request);
    let keys = Keys::password_link(&name, address.as_deref());
    let program = Actor::Program { address };
    let wait = state.database.write(program.clone(), move |conn| commands::count_request(conn, &keys, now)).await?;
    if let Some(wait) = wait {
        return too_many(&name, wait.num_seconds() + 1);
    }
    let origin = state.origins().first().cloned().unwrap_or_default();
    state.database.write(program, move |conn| commands::send_link(conn, &origin, &name, now)).await?;
    sleep_until(answer_at).await;
    Ok(page::see_other("/password/forgot?sent=1"))
}

/// GET `/password/{token}`: looks at the link without using it up, as mail programs do too.
pub async fn edit_form(token: web::Path<String>, state: web::Data<AppState>) -> Result<HttpResponse, AppError> {
    match account_of(&state, &password_links::hash(&token)).await? {
        Some(account) => page::ok(&EditPage::new(&token, &account.username, Problems::default())),
        None => gone(),
    }
}

/// POST `/password/{token}`.
pub async fn update(
    request: HttpRequest,
    token: web::Path<String>,
    Sent(form): Sent<PasswordForm>,
    session: TypedSession,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let token_hash = password_links::hash(&token);
    let Some(account) = account_of(&state, &token_hash).await? else { return gone() };
    let PasswordForm { password, password_again } = form;
    let problems = check(&password, &password_again, &account);
    if !problems.is_empty() {
        return page::html(StatusCode::UNPROCESSABLE_ENTITY, &EditPage::new(&token, &account.username, problems));
    }
    let (password_hash, now) = (state.hasher.hash(password).await?, state.clock.now());
    let keys = Keys::sign_in(&account.username, state.client_address(&request).as_deref());
    let person = Actor::Person { id: account.id, address: state.client_address(&request) };
    let whoever_is_here = session.place();
    let link = state
        .database
        .write(person, move |conn| {
            let set = commands::set_password(conn, &token_hash, &password_hash, &keys, now)?;
            set.try_map(|link| {
                if link == Link::Used {
                    session::end(conn, whoever_is_here.as_ref())?;
                }
                Ok(link)
            })
        })
        .await?;
    match link {
        Link::Used => {
            session.sign_out();
            Ok(page::see_other("/sign-in?password_set=1"))
        }
        Link::Gone => gone(),
    }
}

fn check(password: &str, again: &str, account: &queries::Account) -> Problems {
    let mut problems = Problems::default();
    if let Err(refused) = password::check(password, &[&account.username, &account.email]) {
        problems.add("password", refused.to_string());
    } else if password != again {
        problems.add("password_again", "The two passwords differ. Enter the same one twice.");
    }
    problems
}

async fn account_of(state: &AppState, token_hash: &[u8]) -> Result<Option<queries::Account>, AppError> {
    let (token_hash, now) = (token_hash.to_vec(), state.clock.now());
    state.database.read(move |conn| queries::account_of_link(conn, &token_hash, now)).await
}

/// The same for a link that was used, has expired or never was.
fn gone() -> Result<HttpResponse, AppError> {
    page::html(StatusCode::GONE, &GonePage::new())
}

fn too_many(name: &str, seconds: i64) -> Result<HttpResponse, AppError> {
    let unit = if seconds == 1 { "second" } else { "seconds" };
    let problem = format!("There were too many requests. Try again in {seconds} {unit}.");
    let page = ForgotPage::new(name, Problems::one("username", problem));
    let mut response = page::html(StatusCode::TOO_MANY_REQUESTS, &page)?;
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    Ok(response)
}
