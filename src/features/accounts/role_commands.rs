//! Granting and taking roles.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::queries;
use super::queries_organisations::Organisation;
use crate::db::audit::{Audited, Entry};
use crate::domain::access::Role;
use crate::error::AppError;
use crate::ids::{OrganisationId, UserId};
use crate::people::instance_admins;
use crate::schema::role_grants;
use crate::web::form::Problems;
use crate::web::guards::{Allowed, GrantRoles};

const CANNOT_GRANT: &str = "Your own role does not allow you to grant or take this one. Ask an instance admin.";

/// Grants a role on an organisation of the scope; that of an instance admin on none. Granting what
/// somebody holds already changes nothing, and returns false.
pub fn grant(
    conn: &mut PgConnection,
    by: &Allowed<GrantRoles>,
    id: UserId,
    role: Role,
    organisation: Option<Organisation>,
    now: DateTime<Utc>,
) -> Result<Audited<Result<bool, Problems>>, AppError> {
    queries::lock_user(conn, id)?;
    let person = queries::manageable(conn, by, id, now)?;
    if !by.reach().roles.contains(&role) {
        return Err(AppError::Beyond(CANNOT_GRANT));
    }
    let on = match (role, organisation) {
        (Role::InstanceAdmin, _) => None,
        (_, None) => return Ok(Audited::unchanged(Err(Problems::one("organisation", "Choose an organisation.")))),
        (Role::AccountManager, Some(organisation)) if !organisation.root => {
            let text = "An account manager looks after whole trees. Choose an organisation with none above it.";
            return Ok(Audited::unchanged(Err(Problems::one("organisation", text))));
        }
        (_, Some(organisation)) => Some(organisation.id),
    };
    let granted: Option<Uuid> = diesel::insert_into(role_grants::table)
        .values((role_grants::user_id.eq(id), role_grants::role.eq(role.code()), role_grants::organisation_id.eq(on)))
        .on_conflict_do_nothing()
        .returning(role_grants::id)
        .get_result(conn)
        .optional()?;
    let Some(granted) = granted else { return Ok(Audited::unchanged(Ok(false))) };
    let detail = json!({ "role": role.code(), "organisation_id": on });
    let entry = Entry::new("role.granted")
        .on(on.or(person.values.organisation_id))
        .about("user", id.0)
        .detail(detail.clone())
        .change("role", granted, Some(id), None, Some(detail));
    Ok(Audited::new(Ok(true), entry))
}

/// Why a role was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// Nobody would run the deployment any more.
    LastInstanceAdmin,
    /// Nobody locks themselves out.
    YourOwn,
}

/// Takes a role. Taking one that is gone already changes nothing.
pub fn take(
    conn: &mut PgConnection,
    by: &Allowed<GrantRoles>,
    id: UserId,
    grant: Uuid,
    now: DateTime<Utc>,
) -> Result<Audited<Result<(), NotTaken>>, AppError> {
    queries::lock_user(conn, id)?;
    let person = queries::manageable(conn, by, id, now)?;
    let held = queries::roles(conn, by, &person)?;
    let Some(held) = held.into_iter().find(|held| held.id == grant) else { return Ok(Audited::unchanged(Ok(()))) };
    if !held.takeable {
        return Err(AppError::Beyond(CANNOT_GRANT));
    }
    if id == by.by().viewer().id && !queries::could_grant_again(conn, id, grant)? {
        return Ok(Audited::unchanged(Err(NotTaken::YourOwn)));
    }
    if held.role == Role::InstanceAdmin.code() && instance_admins::would_be_gone(conn, &[id], now)? {
        return Ok(Audited::unchanged(Err(NotTaken::LastInstanceAdmin)));
    }
    let on: Option<Option<OrganisationId>> = diesel::delete(role_grants::table.find(grant))
        .returning(role_grants::organisation_id)
        .get_result(conn)
        .optional()?;
    let Some(on) = on else { return Ok(Audited::unchanged(Ok(()))) };
    let detail = json!({ "role": held.role, "organisation_id": on });
    let entry = Entry::new("role.taken")
        .on(on.or(person.values.organisation_id))
        .about("user", id.0)
        .detail(detail.clone())
        .change("role", grant, Some(id), Some(detail), None);
    Ok(Audited::new(Ok(()), entry))
}
