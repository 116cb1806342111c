//! Creating and renaming organisations.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use serde_json::json;

use super::forms::Wanted;
use super::queries;
use crate::db::audit::{Audited, Entry};
use crate::error::AppError;
use crate::ids::OrganisationId;
use crate::schema::organisations;
use crate::web::form::Problems;
use crate::web::guards::{Allowed, CreateOrganisations};

/// Creates a root, or a child of `parent`.
pub fn create(
    conn: &mut PgConnection,
    _by: &Allowed<CreateOrganisations>,
    parent: Option<OrganisationId>,
    wanted: &Wanted,
) -> Result<Audited<Result<OrganisationId, Problems>>, AppError> {
    let zone = wanted.time_zone.filter(|_| parent.is_none()).map(chrono_tz::Tz::name);
    let inserted = conn.transaction(|conn| {
        diesel::insert_into(organisations::table)
            .values((
                organisations::name.eq(&wanted.name),
                organisations::parent_id.eq(parent),
                organisations::time_zone.eq(zone),
                organisations::user_limit.eq(wanted.user_limit),
            ))
            .returning(organisations::id)
            .get_result::<OrganisationId>(conn)
    });
    let id = match inserted {
        Ok(id) => id,
        Err(error) => return Ok(Audited::unchanged(Err(taken(error)?))),
    };
    let after = json!({ "name": wanted.name, "time_zone": zone, "user_limit": wanted.user_limit });
    let entry = Entry::new("organisation.created").on(Some(id)).about("organisation", id.0).change(
        "organisation",
        id.0,
        None,
        None,
        Some(after),
    );
    Ok(Audited::new(Ok(id), entry))
}

/// Gives an organisation another name.
pub fn rename(
    conn: &mut PgConnection,
    by: &Allowed<CreateOrganisations>,
    id: OrganisationId,
    name: &str,
) -> Result<Audited<Result<(), Problems>>, AppError> {
    // what it is called before is what nobody else changes meanwhile
    organisations::table.find(id).select(organisations::id).for_update().first::<OrganisationId>(conn).optional()?;
    let before = queries::named(conn, by, id)?;
    if before == name {
        return Ok(Audited::unchanged(Ok(())));
    }
    let updated = conn.transaction(|conn| {
        diesel::update(organisations::table.find(id)).set(organisations::name.eq(name)).execute(conn)
    });
    if let Err(error) = updated {
        return Ok(Audited::unchanged(Err(taken(error)?)));
    }
    let entry = Entry::new("organisation.renamed").on(Some(id)).about("organisation", id.0).change(
        "organisation",
        id.0,
        None,
        Some(json!({ "name": before })),
        Some(json!({ "name": name })),
    );
    Ok(Audited::new(Ok(()), entry))
}

/// Two side by side cannot have the same name; anything else is an error of ours.
fn taken(error: DieselError) -> Result<Problems, AppError> {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
            Ok(Problems::one("name", "Another organisation at this place has this name."))
        }
        error => Err(error.into()),
    }
}
