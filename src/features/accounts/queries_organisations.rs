//! Organisations to choose from: by id, by path, all when they are few.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::OrganisationId;
use crate::web::guards::{Allowed, Permission};

/// An organisation to choose.
#[derive(Debug, Clone, QueryableByName)]
pub struct Organisation {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: OrganisationId,
    /// Its path, as far as the scope reaches.
    #[diesel(sql_type = Text)]
    pub path: String,
    /// It has nothing above it.
    #[diesel(sql_type = Bool)]
    pub root: bool,
}

/// Organisations within the scope, by path; those with `part` in their name, or all.
pub fn organisations<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    part: Option<&str>,
    at_most: i64,
) -> Result<Vec<Organisation>, AppError> {
    Ok(prepared(include_str!("choices.sql"))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Nullable<Text>, _>(part.map(str::to_owned))
        .bind::<BigInt, _>(at_most)
        .load(conn)?)
}

/// At most this many organisations of the scope, to find out whether a choice of all is short.
pub fn organisations_up_to<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    at_most: i64,
) -> Result<i64, AppError> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        organisations: i64,
    }
    let count: Count = prepared(
        "select count(*) as organisations from (
           select from organisations o where $1 is null or exists (
             select from organisation_closure s where s.descendant_id = o.id and s.ancestor_id = any ($1))
           limit $2) counted",
    )
    .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
    .bind::<BigInt, _>(at_most)
    .get_result(conn)?;
    Ok(count.organisations)
}

/// An organisation within the scope, by id.
pub fn organisation<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    id: OrganisationId,
) -> Result<Option<Organisation>, AppError> {
    Ok(prepared(
        "select o.id, path_in_scope(o.id, $1) as path, o.parent_id is null as root
         from organisations o
         where o.id = $2 and ($1 is null or exists (
           select from organisation_closure s where s.descendant_id = o.id and s.ancestor_id = any ($1)))",
    )
    .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
    .bind::<SqlUuid, _>(id)
    .get_result(conn)
    .optional()?)
}

/// The organisations within the scope that have this path, or else this name; at most two, since
/// the second already makes it ambiguous.
pub fn organisations_named<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    path: &str,
) -> Result<Vec<Organisation>, AppError> {
    let name = path.rsplit(" > ").next().unwrap_or(path);
    let mut named = |path: Option<&str>| {
        prepared(include_str!("named.sql"))
            .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
            .bind::<Text, _>(name.to_owned())
            .bind::<Nullable<Text>, _>(path.map(str::to_owned))
            .load(conn)
    };
    let called = named(Some(path))?;
    Ok(if called.is_empty() && name == path { named(None)? } else { called })
}

/// The organisations at the top of the scope; at most two.
pub fn tops<P: Permission>(conn: &mut PgConnection, by: &Allowed<P>) -> Result<Vec<Organisation>, AppError> {
    Ok(prepared(
        "select o.id, path_in_scope(o.id, $1) as path, o.parent_id is null as root
         from organisations o
         where case when $1 is null then o.parent_id is null
                    else o.id = any ($1) and not exists (
                      select from organisation_closure c
                      where c.descendant_id = o.id and c.ancestor_id = any ($1) and c.depth > 0) end
         order by o.id limit 2",
    )
    .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
    .load(conn)?)
}

/// Have these two places another root? Nowhere is in no tree.
pub fn crosses_trees(
    conn: &mut PgConnection,
    from: Option<OrganisationId>,
    to: Option<OrganisationId>,
) -> Result<bool, AppError> {
    #[derive(QueryableByName)]
    struct Answer {
        #[diesel(sql_type = Bool)]
        crosses: bool,
    }
    if from == to {
        return Ok(false);
    }
    let answer: Answer = prepared(
        "select not exists (
           select from organisation_closure one join organisation_closure other using (ancestor_id)
           where one.descendant_id = $1 and other.descendant_id = $2) as crosses",
    )
    .bind::<Nullable<SqlUuid>, _>(from)
    .bind::<Nullable<SqlUuid>, _>(to)
    .get_result(conn)?;
    Ok(answer.crosses)
}
