//! Changes of learning experiences.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use serde_json::{Value, json};

use super::forms::Wanted;
use super::queries::{self, Header};
use crate::db::audit::{Audited, Entry};
use crate::error::AppError;
use crate::features::organisations::queries::choices;
use crate::ids::ExperienceId;
use crate::schema::experiences;
use crate::web::form::Problems;
use crate::web::guards::{Allowed, EditExperiences};
use crate::web::meanwhile;

/// What became of a change.
#[derive(Debug)]
pub enum Saved {
    /// It is stored.
    Done(ExperienceId),
    /// Something is wrong with what was typed.
    Refused(Problems),
    /// Somebody else changed it meanwhile: this is how it is now.
    Outdated(Box<Header>),
}

/// In the archive or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// Nobody else can be enrolled.
    Archive,
    /// In use.
    Use,
}

fn values(wanted: &Wanted, archived: bool) -> Value {
    json!({
        "code": wanted.code, "title": wanted.title, "description": wanted.description,
        "organisation_id": wanted.organisation, "archived": archived,
    })
}

/// Adds a learning experience.
pub fn create(
    conn: &mut PgConnection,
    by: &Allowed<EditExperiences>,
    wanted: &Wanted,
) -> Result<Audited<Saved>, AppError> {
    if let Some(problems) = outside(conn, by, wanted)? {
        return Ok(Audited::unchanged(Saved::Refused(problems)));
    }
    let inserted = conn.transaction(|conn| {
        diesel::insert_into(experiences::table)
            .values((
                experiences::code.eq(&wanted.code),
                experiences::title.eq(&wanted.title),
                experiences::description.eq(&wanted.description),
                experiences::organisation_id.eq(wanted.organisation),
            ))
            .returning(experiences::id)
            .get_result::<ExperienceId>(conn)
    });
    let id = match inserted {
        Ok(id) => id,
        Err(error) => return Ok(Audited::unchanged(Saved::Refused(taken(error)?))),
    };
    let entry = Entry::new("experience.created").on(Some(wanted.organisation)).about("experience", id.0).change(
        "experience",
        id.0,
        None,
        None,
        Some(values(wanted, false)),
    );
    Ok(Audited::new(Saved::Done(id), entry))
}

/// Edits one. `version`: what the form was filled with; empty for whoever does not care.
pub fn update(
    conn: &mut PgConnection,
    by: &Allowed<EditExperiences>,
    experience: ExperienceId,
    wanted: &Wanted,
    version: &str,
    now: DateTime<Utc>,
) -> Result<Audited<Saved>, AppError> {
    let before = locked(conn, by, experience, now)?;
    let (old, new) = (before.state(), values(wanted, before.archived));
    if old == new {
        return Ok(Audited::unchanged(Saved::Done(experience)));
    }
    if !version.is_empty() && !meanwhile::is_current(version, &before.state()) {
        return Ok(Audited::unchanged(Saved::Outdated(Box::new(before))));
    }
    if let Some(problems) = outside(conn, by, wanted)? {
        return Ok(Audited::unchanged(Saved::Refused(problems)));
    }
    let updated = conn.transaction(|conn| {
        diesel::update(experiences::table.find(experience))
            .set((
                experiences::code.eq(&wanted.code),
                experiences::title.eq(&wanted.title),
                experiences::description.eq(&wanted.description),
                experiences::organisation_id.eq(wanted.organisation),
            ))
            .execute(conn)
    });
    if let Err(error) = updated {
        return Ok(Audited::unchanged(Saved::Refused(taken(error)?)));
    }
    let entry = Entry::new("experience.edited")
        .on(Some(before.organisation_id))
        .about("experience", experience.0)
        .change("experience", experience.0, None, Some(old), Some(new));
    Ok(Audited::new(Saved::Done(experience), entry))
}

/// Puts one into the archive, or takes it out again. Who is enrolled keeps access either way.
pub fn put(
    conn: &mut PgConnection,
    by: &Allowed<EditExperiences>,
    experience: ExperienceId,
    to: Shelf,
    now: DateTime<Utc>,
) -> Result<Audited<()>, AppError> {
    let before = locked(conn, by, experience, now)?;
    let archived = to == Shelf::Archive;
    if before.archived == archived {
        return Ok(Audited::unchanged(()));
    }
    diesel::update(experiences::table.find(experience))
        .set(experiences::archived_at.eq(archived.then_some(now)))
        .execute(conn)?;
    let entry = Entry::new(if archived { "experience.archived" } else { "experience.unarchived" })
        .on(Some(before.organisation_id))
        .about("experience", experience.0)
        .change(
            "experience",
            experience.0,
            None,
            Some(json!({ "archived": before.archived })),
            Some(json!({ "archived": archived })),
        );
    Ok(Audited::new((), entry))
}

/// One that may be edited, with its row locked first, so that what is read is what is changed.
fn locked(
    conn: &mut PgConnection,
    by: &Allowed<EditExperiences>,
    experience: ExperienceId,
    now: DateTime<Utc>,
) -> Result<Header, AppError> {
    experiences::table.find(experience).select(experiences::id).for_update().first::<ExperienceId>(conn).optional()?;
    queries::editable(conn, by, experience, now)
}

/// The owner has to be within the scope.
fn outside(
    conn: &mut PgConnection,
    by: &Allowed<EditExperiences>,
    wanted: &Wanted,
) -> Result<Option<Problems>, AppError> {
    let offered = choices(conn, by, Some(wanted.organisation))?;
    let within = offered.iter().any(|organisation| organisation.id == wanted.organisation);
    Ok((!within).then(|| Problems::one("organisation", "Choose one of your organisations.")))
}

/// Two cannot have the same code; anything else is an error of ours.
fn taken(error: DieselError) -> Result<Problems, AppError> {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
            Ok(Problems::one("code", "Another learning experience of this organisation has this code."))
        }
        error => Err(error.into()),
    }
}
