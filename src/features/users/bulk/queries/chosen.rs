//! The users who are meant, and those among them whom the person may not change.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Text, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::features::users::bulk::{Kind, Request};
use crate::features::users::queries as users_queries;
use crate::ids::UserId;
use crate::web::guards::{Allowed, Permission};

/// The users who are meant at the moment.
#[derive(Debug)]
pub struct Chosen {
    /// Whose accounts change; nobody's as long as `protected` are among them.
    pub ids: Vec<UserId>,
    /// Those whom the person may not change.
    pub protected: Vec<Protected>,
    /// A fingerprint of the users and what is told of them.
    pub seen: String,
}

/// Somebody whom the person may not change.
#[derive(Debug, Clone, QueryableByName)]
pub struct Protected {
    /// Who.
    #[diesel(sql_type = SqlUuid)]
    pub id: UserId,
    /// First and last name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// It is the person's own account; else one with roles that the person cannot grant.
    #[diesel(sql_type = Bool)]
    pub own: bool,
}

/// The users who are selected, within the scope; without the protected ones if that is asked for.
pub fn chosen<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    request: &Request,
    kind: Kind,
    now: DateTime<Utc>,
) -> Result<Chosen, AppError> {
    let mut ids = users_queries::selected_ids(conn, by, &request.list, now)?;
    let protected = protected(conn, by, &ids)?;
    if request.leave_out {
        ids.retain(|id| protected.iter().all(|person| person.id != *id));
    }
    let seen = seen(conn, &ids, kind)?;
    Ok(Chosen { ids, protected, seen })
}

/// How many users are meant, if they are those whom the person saw and as the person saw them. Nobody who asks for something
/// that is done in the background has to wait until then to be told.
pub fn as_seen<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    request: &Request,
    kind: Kind,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<usize>, AppError> {
    let still = request.list.clone().still(conn, by, since, now)?;
    if !still.gone.is_empty() {
        return Ok(None);
    }
    let chosen = chosen(conn, by, request, kind, now)?;
    Ok(request.seen.as_ref().is_none_or(|seen| *seen == chosen.seen).then_some(chosen.ids.len()))
}

fn protected<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    ids: &[UserId],
) -> Result<Vec<Protected>, AppError> {
    let reach = by.reach();
    Ok(prepared(include_str!("protected.sql"))
        .bind::<Array<SqlUuid>, _>(ids.to_vec())
        .bind::<SqlUuid, _>(by.by().viewer().id)
        .bind::<Bool, _>(reach.everything)
        .bind::<Array<Text>, _>(reach.role_codes())
        .bind::<Array<SqlUuid>, _>(reach.within)
        .load(conn)?)
}

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = Text)]
    sum: String,
}

fn seen(conn: &mut PgConnection, ids: &[UserId], kind: Kind) -> Result<String, AppError> {
    let seen: Seen = prepared(include_str!("seen.sql"))
        .bind::<Array<SqlUuid>, _>(ids.to_vec())
        .bind::<Bool, _>(kind == Kind::Delete)
        .get_result(conn)?;
    Ok(format!("{}.{}", seen.count, seen.sum))
}
