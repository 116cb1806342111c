//! Adding and editing accounts, deleting and restoring one.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::forms::AccountForm;
use super::queries::{self, Account, Values};
use super::{queries_deleted, queries_organisations};
use crate::db::audit::{self, Audited, Entry};
use crate::error::AppError;
use crate::features::enrolments::queries::{Effect, Exceeded, done_effect, exceeded_since};
use crate::features::passwords::queries as passwords;
use crate::ids::{EntryId, OrganisationId, UserId};
use crate::mail::password_links::{self, Purpose};
use crate::people::deletion::{self, NotDeleted};
use crate::people::instance_admins;
use crate::people::restoring::{self, NotRestored};
use crate::people::turns;
use crate::schema::users;
use crate::web::form::Problems;
use crate::web::guards::{Allowed, DeleteUsers, EditUsers};
use crate::web::meanwhile::{self, Versioned};

/// Why an account was not saved.
pub enum NotSaved {
    /// What was entered does not fit.
    Problems(Problems),
    /// It has changed since the form was made; what it is now.
    Outdated(Box<Account>),
}

/// Adds an account. Without a password the person gets a mail with a link to set one; `origin` is
/// where people reach this program.
pub fn create(
    conn: &mut PgConnection,
    by: &Allowed<EditUsers>,
    values: &Values,
    password_hash: Option<&str>,
    origin: &str,
    now: DateTime<Utc>,
) -> Result<Audited<Result<UserId, Problems>>, AppError> {
    if !may_belong(conn, by, values.organisation_id)? {
        return Ok(Audited::unchanged(Err(Problems::one("organisation", ELSEWHERE))));
    }
    let inserted = conn.transaction(|conn| {
        diesel::insert_into(users::table)
            .values((values, users::password_hash.eq(password_hash)))
            .returning(users::id)
            .get_result::<UserId>(conn)
    });
    let id = match inserted {
        Ok(id) => id,
        Err(error) => return Ok(Audited::unchanged(Err(refused_value(error)?))),
    };
    if password_hash.is_none() {
        password_links::send(conn, origin, id, Purpose::NewAccount, now)?;
    }
    let entry = Entry::new("user.created").on(values.organisation_id).about("user", id.0).change(
        "user",
        id.0,
        Some(id),
        None,
        Some(fields(values)?),
    );
    Ok(Audited::new(Ok(id), entry))
}

/// Why somebody is sent no link to choose a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotInvited {
    /// They have one already.
    HasPassword,
    /// Their account has expired.
    Expired,
    /// They were sent too many within the last hour.
    TooMany,
}

/// Sends somebody who has no password yet a link to choose one. The earlier ones end.
pub fn invite(
    conn: &mut PgConnection,
    by: &Allowed<EditUsers>,
    id: UserId,
    origin: &str,
    now: DateTime<Utc>,
) -> Result<Audited<Result<(), NotInvited>>, AppError> {
    queries::lock_user(conn, id)?;
    let account = queries::manageable(conn, by, id, now)?;
    if account.has_password {
        return Ok(Audited::unchanged(Err(NotInvited::HasPassword)));
    }
    if account.has_expired() {
        return Ok(Audited::unchanged(Err(NotInvited::Expired)));
    }
    if !passwords::may_get_a_link(conn, id, now)? {
        return Ok(Audited::unchanged(Err(NotInvited::TooMany)));
    }
    password_links::send(conn, origin, id, Purpose::NewAccount, now)?;
    let entry = Entry::new("user.password_link_requested").on(account.values.organisation_id).about("user", id.0);
    Ok(Audited::new(Ok(()), entry))
}

/// What is saved besides the values.
#[derive(Debug, Clone, Copy)]
pub struct Saving<'a> {
    /// What the form was filled with.
    pub version: Option<&'a str>,
    /// Of the new password, if there is one.
    pub password_hash: Option<&'a str>,
    /// Where people reach this program.
    pub origin: &'a str,
}

/// Saves an account. `change` makes the new values from those that are stored. Returns the audit entry, where it
/// tells what that did to the licenses.
pub fn update(
    conn: &mut PgConnection,
    by: &Allowed<EditUsers>,
    id: UserId,
    change: impl FnOnce(Values) -> Values,
    saving: Saving<'_>,
    now: DateTime<Utc>,
) -> Result<Audited<Result<Option<EntryId>, NotSaved>>, AppError> {
    turns::of_accounts(conn, &[id])?;
    let before = queries::manageable(conn, by, id, now)?;
    let after = change(before.values.clone());
    if after == before.values && saving.password_hash.is_none() {
        return Ok(Audited::unchanged(Ok(None)));
    }
    if saving.version.is_some_and(|version| !meanwhile::is_current(version, &before.values)) {
        return Ok(Audited::unchanged(Err(NotSaved::Outdated(Box::new(before)))));
    }
    if let Some(problems) = refused_change(conn, by, id, &before.values, &after, now)? {
        return Ok(Audited::unchanged(Err(NotSaved::Problems(problems))));
    }
    let updated = conn.transaction(|conn| {
        diesel::update(users::table.find(id)).set(&after).execute(conn)?;
        if let Some(hash) = saving.password_hash {
            diesel::update(users::table.find(id)).set(users::password_hash.eq(hash)).execute(conn)?;
        }
        Ok(())
    });
    if let Err(error) = updated {
        return Ok(Audited::unchanged(Err(NotSaved::Problems(refused_value(error)?))));
    }
    renew_links(conn, id, after.email != before.values.email, saving, now)?;
    let licenses = moved_licenses(conn, by, &before.values, &after, now)?;
    let is_told = licenses.is_some();
    let entry = changed(id, &before.values, &after, saving.password_hash.is_some(), licenses)?;
    let told = is_told.then(|| entry.id());
    Ok(Audited::new(Ok(told), entry))
}

/// What another home or last day of an account did to the licenses.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Licenses {
    /// Which were freed or taken, by organisation.
    pub effect: Effect,
    /// Limits that are exceeded since.
    pub exceeded: Vec<Exceeded>,
}

/// What this transaction did to the licenses; none where it freed and took none.
fn moved_licenses(
    conn: &mut PgConnection,
    by: &Allowed<EditUsers>,
    before: &Values,
    after: &Values,
    now: DateTime<Utc>,
) -> Result<Option<Licenses>, AppError> {
    let homes = [before, after].into_iter().filter_map(|values| Some((values.organisation_id?, 1))).collect();
    let effect = done_effect(conn, homes)?;
    if effect.freed() + effect.taken() == 0 {
        return Ok(None);
    }
    let exceeded = exceeded_since(conn, by, &effect, now)?;
    Ok(Some(Licenses { effect, exceeded }))
}

/// What somebody's change of an account did to the licenses, from the audit entry of it; none for any other entry.
pub fn licenses_moved_by(conn: &mut PgConnection, by: UserId, entry: EntryId) -> Result<Option<Licenses>, AppError> {
    let found = audit::done_by(conn, by, entry)?.filter(|(action, _)| action == "user.changed");
    Ok(found.and_then(|(_, detail)| serde_json::from_value(detail).ok()))
}

/// A link that was mailed to another address, or before somebody set the password, works no longer.
/// Who still has no password gets a link to the new address.
fn renew_links(
    conn: &mut PgConnection,
    id: UserId,
    other_address: bool,
    saving: Saving<'_>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    if !other_address && saving.password_hash.is_none() {
        return Ok(());
    }
    let password: Option<String> = users::table.find(id).select(users::password_hash).first(conn)?;
    match password {
        Some(_) => password_links::end(conn, id, now),
        None => password_links::send(conn, saving.origin, id, Purpose::NewAccount, now),
    }
}

/// The names of the changed fields stand in the entry, their values beside it.
fn changed(
    id: UserId,
    before: &Values,
    after: &Values,
    password: bool,
    licenses: Option<Licenses>,
) -> Result<Entry, AppError> {
    let (before_fields, after_fields) = (fields(before)?, fields(after)?);
    let mut names: Vec<&str> = match (&before_fields, &after_fields) {
        (Value::Object(before), Value::Object(after)) => before
            .iter()
            .filter(|(name, value)| after.get(*name) != Some(value))
            .map(|(name, _)| name.as_str())
            .collect(),
        _ => Vec::new(),
    };
    if password {
        names.push("password");
    }
    let mut detail = json!({ "fields": names });
    if let Some(Licenses { effect, exceeded }) = licenses {
        detail["effect"] = json!(effect);
        detail["exceeded"] = json!(exceeded);
    }
    Ok(Entry::new("user.changed").on(after.organisation_id).about("user", id.0).detail(detail).change(
        "user",
        id.0,
        Some(id),
        Some(before_fields),
        Some(after_fields),
    ))
}

fn fields(values: &Values) -> Result<Value, AppError> {
    serde_json::to_value(values).map_err(AppError::internal)
}

const ELSEWHERE: &str = "You look after no such organisation.";
const CROSSING: &str =
    "This organisation is in another organisation tree. Only an instance admin moves people from one tree to another.";

/// Somebody may be put into the organisations of one's scope; into none by whom nothing limits.
fn may_belong(
    conn: &mut PgConnection,
    by: &Allowed<EditUsers>,
    organisation: Option<OrganisationId>,
) -> Result<bool, AppError> {
    match organisation {
        Some(id) => Ok(queries_organisations::organisation(conn, by, id)?.is_some()),
        None => Ok(by.scope_parameter().is_none()),
    }
}

fn refused_change(
    conn: &mut PgConnection,
    by: &Allowed<EditUsers>,
    id: UserId,
    before: &Values,
    after: &Values,
    now: DateTime<Utc>,
) -> Result<Option<Problems>, AppError> {
    if after.organisation_id != before.organisation_id && !may_belong(conn, by, after.organisation_id)? {
        return Ok(Some(Problems::one("organisation", ELSEWHERE)));
    }
    if !by.reach().everything
        && queries_organisations::crosses_trees(conn, before.organisation_id, after.organisation_id)?
    {
        return Ok(Some(Problems::one("organisation", CROSSING)));
    }
    let ends_earlier = after.expires_on.is_some_and(|day| before.expires_on.is_none_or(|was| day < was));
    if ends_earlier && id == by.by().viewer().id {
        let text = "This is your own account: another administrator has to say that it ends, or ends earlier.";
        return Ok(Some(Problems::one("expires_on", text)));
    }
    if after.expires_on != before.expires_on
        && after.expires_on.is_some()
        && instance_admins::would_be_gone(conn, &[id], now)?
    {
        return Ok(Some(Problems::one("expires_on", instance_admins::NEEDED)));
    }
    Ok(None)
}

/// What the database does not take, as a problem of a field.
fn refused_value(error: DieselError) -> Result<Problems, AppError> {
    let DieselError::DatabaseError(kind, info) = &error else { return Err(error.into()) };
    let constraint = info.constraint_name().unwrap_or_default();
    match kind {
        DatabaseErrorKind::UniqueViolation if constraint == "users_username_is_unique" => {
            Ok(Problems::one("username", USERNAME_TAKEN))
        }
        DatabaseErrorKind::UniqueViolation if constraint == "users_email_is_unique" => {
            Ok(Problems::one("email", EMAIL_TAKEN))
        }
        DatabaseErrorKind::CheckViolation => {
            let field = AccountForm::FIELDS
                .iter()
                .map(|(field, _)| *field)
                .find(|field| constraint == format!("users_{field}_check"));
            match field {
                Some(field) => Ok(Problems::one(field, "This contains something that cannot be stored.")),
                None => Err(error.into()),
            }
        }
        // the database may know fewer time zones than the program
        _ if info.message().starts_with("time zone") => {
            Ok(Problems::one("time_zone", "This time zone is not known here. Choose a city of the same zone."))
        }
        _ => Err(error.into()),
    }
}

/// The username is somebody else's.
pub const USERNAME_TAKEN: &str = "Somebody already has this username. Choose another one.";
/// The e-mail address is somebody else's.
pub const EMAIL_TAKEN: &str = "Somebody already has this e-mail address.";

/// Deletes one person. Doing it twice is no mistake: then nothing is left to do.
pub fn delete(
    conn: &mut PgConnection,
    by: &Allowed<DeleteUsers>,
    id: UserId,
    now: DateTime<Utc>,
) -> Result<Audited<Result<Option<EntryId>, NotDeleted>>, AppError> {
    let audited = deletion::delete_users(conn, by, &[id], now, &|_| {})?;
    let entry = audited.entry();
    audited.try_map(|outcome| match outcome {
        Ok(_) => Ok(Ok(entry)),
        Err(NotDeleted::Elsewhere(_)) if queries_deleted::was_deleted(conn, by, id)? => Ok(Ok(None)),
        Err(NotDeleted::Elsewhere(_)) => Err(by.refusal(conn, id)),
        Err(NotDeleted::Beyond(_)) => Err(AppError::Beyond(queries::BEYOND)),
        Err(refused) => Ok(Err(refused)),
    })
}

/// Restores one person. Returns the audit entry; `None`: the account is there, so somebody did it already.
pub fn restore(
    conn: &mut PgConnection,
    by: &Allowed<DeleteUsers>,
    id: UserId,
    now: DateTime<Utc>,
) -> Result<Audited<Result<Option<EntryId>, NotRestored>>, AppError> {
    let audited = restoring::restore_users(conn, by, &[id], now)?;
    let entry = audited.entry();
    audited.try_map(|outcome| match outcome {
        Ok(_) => Ok(Ok(entry)),
        Err(NotRestored::Elsewhere(_)) => match queries::account(conn, by, id, now)? {
            Some(_) => Ok(Ok(None)),
            None => Err(by.refusal(conn, id)),
        },
        Err(NotRestored::Beyond(_)) => Err(AppError::Beyond(queries::BEYOND)),
        Err(refused) => Ok(Err(refused)),
    })
}
