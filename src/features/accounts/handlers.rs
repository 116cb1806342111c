//! Showing, adding and editing one account.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde::de::{IntoDeserializer, value};

use super::commands::{self, Licenses, NotInvited, NotSaved, Saving};
use super::form_checks::{self, check, organisation_for};
use super::form_pages::{FormPage, Purpose};
use super::forms::{AccountForm, Draft, in_order};
use super::organisation_field::{self, OrganisationField};
use super::overtaken::{deleted, overtaken};
use super::pages::ShowPage;
use super::queries;
use super::role_handlers::RoleForm;
use crate::app::AppState;
use crate::error::AppError;
use crate::features::audit::queries::history;
use crate::features::enrolments::queries as enrolments;
use crate::features::enrolments::words;
use crate::ids::UserId;
use crate::mail::password_links::Purpose as Link;
use crate::people::restoring::{self, Restored};
use crate::web::form::{Asked, Problems, Sent};
use crate::web::format::counted;
use crate::web::guards::{Allowed, EditUsers, Enrol, SeeUsers};
use crate::web::notice::Notice;
use crate::web::page;

/// What was just done, in the query of the page that follows.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Done {
    #[default]
    Nothing,
    Added,
    Linked,
    Saved,
    Granted,
    Held,
    Taken,
    Restored,
}

/// The query of a person's page.
#[derive(Deserialize)]
pub struct ShowQuery {
    /// See [`Done`]; or the audit entry of a change of the person's enrolments.
    #[serde(default)]
    done: String,
    /// The audit entry of it, where it tells more.
    #[serde(default)]
    entry: String,
}

impl ShowQuery {
    /// With what the audit log has about it.
    fn notice(&self, page: &ShowPage, restored: Option<&Restored>, licenses: Option<&Licenses>) -> Option<Notice> {
        let linked = |email: &String| {
            format!("It goes to {email}, and works once, within {} days.", Link::NewAccount.lasts().num_days())
        };
        let invited = |email: &String| format!("A mail with a link to choose a password is on its way to {email}.");
        let done = Done::deserialize(self.done.as_str().into_deserializer());
        let (heading, lines) = match done.map_err(|_: value::Error| ()).unwrap_or_default() {
            Done::Nothing => return None,
            Done::Added => ("The user is added", page.without_password.iter().map(invited).collect()),
            Done::Linked => {
                ("A link to choose a password is on its way", page.without_password.iter().map(linked).collect())
            }
            Done::Saved => ("The changes are saved", licenses.map_or(Vec::new(), moved)),
            Done::Granted => ("The role is granted", Vec::new()),
            Done::Held => ("Nothing has changed: the role was held already", Vec::new()),
            Done::Taken => ("The role is taken", vec!["Whoever loses a role is signed out everywhere.".to_owned()]),
            Done::Restored => ("The user is restored", restored.map_or(Vec::new(), came_of)),
        };
        Some(Notice { heading: heading.to_owned(), lines, ..Notice::default() })
    }
}

/// What saving did to the licenses.
fn moved(licenses: &Licenses) -> Vec<String> {
    let limits = words::exceeded(&licenses.exceeded, "is");
    let effect = &licenses.effect;
    // one person who frees a license and takes one has moved
    let has_moved = effect.freed() > 0 && effect.taken() > 0;
    let lines = if has_moved { words::has_moved(effect) } else { words::done(effect) };
    lines.into_iter().chain(limits).collect()
}

/// What restoring did to the licenses, and what a restored person has not got back.
fn came_of(restored: &Restored) -> Vec<String> {
    let mut lines = words::returned(&restored.effect, &restored.exceeded);
    if restored.lost_enrolments > 0 {
        let what = counted(restored.lost_enrolments, "enrolment", "enrolments");
        lines.push(format!("{what} did not come back, because the learning experience is gone."));
    }
    if restored.lost_roles > 0 {
        let what = counted(restored.lost_roles, "role", "roles");
        lines.push(format!("{what} did not come back, because the organisation is gone."));
    }
    lines
}

/// GET `/users/{user_id}`.
pub async fn show(
    by: Allowed<SeeUsers>,
    path: web::Path<String>,
    Asked(query): Asked<ShowQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let mut shown = shown(&by, page::id(&path)?, None, &state).await?;
    let (changing, done) = (Allowed::<Enrol>::new(by.by().clone()), query.done.clone());
    let changed = state.database.read(move |conn| match changing {
        Some(changing) => enrolments::notice(conn, &changing, &done),
        None => Ok(None),
    });
    let changed = changed.await?;
    let (restored, licenses) = match query.entry.parse() {
        Ok(entry) => {
            let reader = by.by().viewer().id;
            let read = state.database.read(move |conn| {
                Ok((restoring::brought_back(conn, reader, entry)?, commands::licenses_moved_by(conn, reader, entry)?))
            });
            read.await?
        }
        Err(_) => (None, None),
    };
    shown.notice = query.notice(&shown, restored.as_ref(), licenses.as_ref()).or(changed);
    page::ok(&shown)
}

/// How many entries of the audit log a person's page shows.
const HISTORY: u32 = 20;

/// A person's page, with the form of a role as it was sent if it was refused.
pub(super) async fn shown(
    by: &Allowed<SeeUsers>,
    id: UserId,
    refused: Option<(RoleForm, Problems)>,
    state: &AppState,
) -> Result<ShowPage, AppError> {
    let (now, asking) = (state.clock.now(), by.clone());
    let read = state.database.read(move |conn| {
        let Some(account) = queries::account(conn, &asking, id, now)? else { return Err(asking.refusal(conn, id)) };
        let enrolments = queries::enrolments(conn, &asking, &account)?;
        let mut roles = queries::roles(conn, &asking, &account)?;
        let (form, problems) = refused.unwrap_or_default();
        let grant = form_checks::grant_form(conn, &asking, &account, &form, &problems, now)?;
        if grant.is_none() {
            roles.iter_mut().for_each(|role| role.takeable = false);
        }
        let enrols = Allowed::<Enrol>::new(asking.by().clone()).is_some();
        let mut page = ShowPage::new(asking.by().viewer(), &account, enrolments, enrols, roles, now);
        page.chrome.title = problems.title(&page.chrome.title);
        page.problems = problems;
        page.grant = grant;
        page.history = history(conn, &asking, id, HISTORY)?;
        Ok(page)
    });
    read.await
}

/// GET `/users/new`.
pub async fn new_form(by: Allowed<EditUsers>, state: web::Data<AppState>) -> Result<HttpResponse, AppError> {
    let asking = by.clone();
    let organisation = state
        .database
        .read(move |conn| {
            let usual = organisation_field::usual(conn, &asking)?.map_or(String::new(), |usual| usual.id.to_string());
            organisation_for(conn, &asking, &usual)
        })
        .await?;
    let form = AccountForm::default();
    page::ok(&FormPage::new(by.by().viewer(), &Purpose::New, &form, organisation, Problems::default()))
}

/// POST `/users`.
pub async fn create(
    by: Allowed<EditUsers>,
    Sent(form): Sent<AccountForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let parsed = Draft::try_from(&form);
    let (asking, sent) = (by.clone(), form.clone());
    let checked = state.database.read(move |conn| check(conn, &asking, &sent, None)).await?;
    let (draft, home) = match (parsed, checked.home) {
        (Ok(draft), Some(home)) if checked.problems.is_empty() => (draft, home),
        (parsed, _) => {
            let problems = in_order(&[&parsed.err().unwrap_or_default(), &checked.problems]);
            return refused(&by, &Purpose::New, &form, checked.organisation, problems);
        }
    };
    let hash = hashed(draft.password.clone(), &state).await?;
    let values = draft.onto(queries::Values::default(), home);
    let (actor, adding, now) = (by.by().actor(), by.clone(), state.clock.now());
    let origin = state.origins().first().cloned().unwrap_or_default();
    let outcome = state
        .database
        .write(actor, move |conn| commands::create(conn, &adding, &values, hash.as_deref(), &origin, now))
        .await?;
    match outcome {
        Ok(id) => Ok(page::see_other(&format!("/users/{id}?done=added"))),
        Err(problems) => refused(&by, &Purpose::New, &form, checked.organisation, problems),
    }
}

/// GET `/users/{user_id}/edit`.
pub async fn edit_form(
    by: Allowed<EditUsers>,
    path: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (id, now, asking) = (page::id(&path)?, state.clock.now(), by.clone());
    let (account, organisation) = state
        .database
        .read(move |conn| {
            let account = queries::manageable(conn, &asking, id, now)?;
            let organisation = organisation_for(conn, &asking, AccountForm::of(&account).organisation())?;
            Ok((account, organisation))
        })
        .await?;
    let form = AccountForm::of(&account);
    page::ok(&FormPage::new(by.by().viewer(), &Purpose::Edit(&account), &form, organisation, Problems::default()))
}

/// POST `/users/{user_id}`.
pub async fn update(
    by: Allowed<EditUsers>,
    path: web::Path<String>,
    Sent(form): Sent<AccountForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let id = page::id(&path)?;
    match save(&by, id, &form, &state).await {
        Err(AppError::NotFound) => deleted(&by, id, &form, &state).await,
        answer => answer,
    }
}

async fn save(
    by: &Allowed<EditUsers>,
    id: UserId,
    form: &AccountForm,
    state: &AppState,
) -> Result<HttpResponse, AppError> {
    let now = state.clock.now();
    let parsed = Draft::try_from(form);
    let (asking, sent) = (by.clone(), form.clone());
    let (account, checked) = state
        .database
        .read(move |conn| {
            let account = queries::manageable(conn, &asking, id, now)?;
            let checked = check(conn, &asking, &sent, Some(&account))?;
            Ok((account, checked))
        })
        .await?;
    let (draft, home) = match (parsed, checked.home) {
        (Ok(draft), Some(home)) if checked.problems.is_empty() => (draft, home),
        (parsed, _) => {
            let problems = in_order(&[&parsed.err().unwrap_or_default(), &checked.problems]);
            return refused(by, &Purpose::Edit(&account), form, checked.organisation, problems);
        }
    };
    let hash = hashed(draft.password.clone(), state).await?;
    let (actor, asking, version) = (by.by().actor(), by.clone(), form.version.clone());
    let origin = state.origins().first().cloned().unwrap_or_default();
    let outcome = state
        .database
        .write(actor, move |conn| {
            let change = |before| draft.clone().onto(before, home);
            let saving = Saving { version: version.as_deref(), password_hash: hash.as_deref(), origin: &origin };
            commands::update(conn, &asking, id, change, saving, now)
        })
        .await?;
    match outcome {
        Ok(entry) => {
            let entry = entry.map_or(String::new(), |entry| format!("&entry={entry}"));
            Ok(page::see_other(&format!("/users/{id}?done=saved{entry}")))
        }
        Err(NotSaved::Problems(problems)) => {
            refused(by, &Purpose::Edit(&account), form, checked.organisation, problems)
        }
        Err(NotSaved::Outdated(fresh)) => overtaken(by, *fresh, form.clone(), state).await,
    }
}

/// POST `/users/{user_id}/password-link`: another mail, for whoever has not got or not used the first one.
pub async fn invite(
    by: Allowed<EditUsers>,
    path: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (id, now) = (page::id(&path)?, state.clock.now());
    let (actor, inviting) = (by.by().actor(), by.clone());
    let origin = state.origins().first().cloned().unwrap_or_default();
    let outcome = state.database.write(actor, move |conn| commands::invite(conn, &inviting, id, &origin, now)).await?;
    let problem = match outcome {
        Ok(()) => return Ok(page::see_other(&format!("/users/{id}?done=linked"))),
        Err(NotInvited::HasPassword) => {
            "This person has a password. With “Forgot password” they get a link themselves."
        }
        Err(NotInvited::Expired) => "This account has expired. Change its last day first.",
        Err(NotInvited::TooMany) => {
            "This person was sent several links within an hour. Wait before sending another one."
        }
    };
    let seeing = Allowed::<SeeUsers>::new(by.by().clone()).ok_or(AppError::Forbidden)?;
    let mut shown = shown(&seeing, id, None, &state).await?;
    shown.problems = Problems::one("account", problem);
    shown.chrome.title = format!("Error: {}", shown.chrome.title);
    page::html(StatusCode::UNPROCESSABLE_ENTITY, &shown)
}

fn refused(
    by: &Allowed<EditUsers>,
    purpose: &Purpose<'_>,
    form: &AccountForm,
    organisation: OrganisationField,
    problems: Problems,
) -> Result<HttpResponse, AppError> {
    let page = FormPage::new(by.by().viewer(), purpose, form, organisation, problems);
    page::html(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn hashed(password: Option<String>, state: &AppState) -> Result<Option<String>, AppError> {
    match password {
        Some(password) => Ok(Some(state.hasher.hash(password).await?)),
        None => Ok(None),
    }
}
