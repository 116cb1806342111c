//! Granting and taking roles, on a person's page.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::handlers::shown;
use super::organisation_field::{self, Chosen};
use super::queries;
use super::role_commands::{self, NotTaken};
use crate::app::AppState;
use crate::domain::access::Role;
use crate::error::AppError;
use crate::ids::UserId;
use crate::people::instance_admins;
use crate::web::form::{Problems, Sent};
use crate::web::guards::{Allowed, GrantRoles, SeeUsers};
use crate::web::page;

/// The fields of the form that grants a role.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct RoleForm {
    /// The role's code.
    #[serde(default)]
    pub role: String,
    /// An id or a path.
    pub organisation: Option<String>,
}

/// The field of the form that takes one.
#[derive(Debug, Deserialize)]
pub struct TakeForm {
    #[serde(default)]
    grant: String,
}

/// POST `/users/{user_id}/roles`.
pub async fn grant(
    by: Allowed<GrantRoles>,
    path: web::Path<String>,
    Sent(form): Sent<RoleForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (id, now) = (page::id(&path)?, state.clock.now());
    let Some(role) = Role::from_code(&form.role) else {
        return refused(&by, id, form, Problems::one("role", "Choose a role."), &state).await;
    };
    let (asking, value) = (by.clone(), form.organisation.clone());
    let organisation = state
        .database
        .read(move |conn| {
            queries::manageable(conn, &asking, id, now)?;
            organisation_field::choose(conn, &asking, value.as_deref())
        })
        .await?;
    let organisation = match organisation {
        Chosen::Organisation(organisation) => Some(organisation),
        Chosen::Problem(problem) if role != Role::InstanceAdmin => {
            return refused(&by, id, form, Problems::one("organisation", problem), &state).await;
        }
        Chosen::Problem(_) | Chosen::NoOrganisation | Chosen::NotAsked => None,
    };
    let (actor, granting) = (by.by().actor(), by.clone());
    let outcome = state
        .database
        .write(actor, move |conn| role_commands::grant(conn, &granting, id, role, organisation.clone(), now))
        .await?;
    match outcome {
        Ok(new) => {
            let done = if new { "granted" } else { "held" };
            Ok(page::see_other(&format!("/users/{id}?done={done}")))
        }
        Err(problems) => refused(&by, id, form, problems, &state).await,
    }
}

/// POST `/users/{user_id}/roles/take`.
pub async fn take(
    by: Allowed<GrantRoles>,
    path: web::Path<String>,
    Sent(form): Sent<TakeForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (id, now) = (page::id(&path)?, state.clock.now());
    let Ok(grant) = form.grant.parse() else {
        let problems = Problems::one("roles", "Choose the role to take.");
        return refused(&by, id, RoleForm::default(), problems, &state).await;
    };
    let (actor, taking) = (by.by().actor(), by.clone());
    let outcome = state.database.write(actor, move |conn| role_commands::take(conn, &taking, id, grant, now)).await?;
    match outcome {
        Ok(()) => Ok(page::see_other(&format!("/users/{id}?done=taken"))),
        Err(why) => {
            let text = match why {
                NotTaken::LastInstanceAdmin => instance_admins::NEEDED,
                NotTaken::YourOwn => {
                    "This is your own role, and you could not take it back: another administrator has to take it."
                }
            };
            refused(&by, id, RoleForm::default(), Problems::one("roles", text), &state).await
        }
    }
}

async fn refused(
    by: &Allowed<GrantRoles>,
    id: UserId,
    form: RoleForm,
    problems: Problems,
    state: &AppState,
) -> Result<HttpResponse, AppError> {
    // whoever may grant roles may see the person
    let Some(seeing) = Allowed::<SeeUsers>::new(by.by().clone()) else { return Err(AppError::Forbidden) };
    let page = shown(&seeing, id, Some((form, problems)), state).await?;
    page::html(StatusCode::UNPROCESSABLE_ENTITY, &page)
}
