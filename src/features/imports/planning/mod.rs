//! The plan of an import: its rows held against each other and the people there are, as sets.
//! `domain::sync::plan` says the same of one person at a time; the tests hold the two against each other.

mod causes;
mod premises;

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub use causes::Cause;
pub use premises::{Premises, still_planned};

use super::queries::{Import, exports_of, joined_after};
use crate::db::prepared::{Prepared, prepared};
use crate::domain::email::is_sendable;
use crate::domain::sync::guards::{CannotSynchronize, Facts, may_be_cut_off, must_be_typed, objections};
use crate::error::AppError;
use crate::features::imports::queries::Reading;
use crate::ids::OrganisationId;
use crate::schema::{import_plan, import_refusals, imports};
use crate::web::guards::{Allowed, Import as MayImport};

/// How many of each kind a plan has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// People who are added.
    pub created: u64,
    /// People who change.
    pub changed: u64,
    /// People who stay as they are.
    pub unchanged: u64,
    /// People who are deleted.
    pub deleted: u64,
    /// They all have higher unique IDs than everybody in the file, as if its end were missing.
    pub all_last: bool,
    /// People who are missing from the file and stay nevertheless.
    pub protected: u64,
    /// Rows that are refused.
    pub refused: u64,
    /// Licenses that get free with those who are deleted.
    pub licenses_freed: u64,
    /// Completion records that are lost with them.
    pub records_lost: u64,
    /// How many of them hold a role.
    pub with_roles: u64,
    /// People in the import's organisation now.
    pub in_scope: u64,
    /// Why nobody is deleted, though it was asked for.
    pub objections: Vec<CannotSynchronize>,
    /// Why rows are refused, the most frequent reason first.
    pub causes: Vec<Cause>,
}

impl Counts {
    /// There is nothing to do.
    pub fn is_nothing(&self) -> bool {
        self.created == 0 && self.changed == 0 && self.deleted == 0
    }

    /// Must their number be typed?
    pub fn must_be_typed(&self, threshold_percent: u32) -> bool {
        must_be_typed(self.deleted, self.in_scope, threshold_percent)
    }

    /// The file seems to lack its end.
    pub fn may_be_cut_off(&self) -> bool {
        may_be_cut_off(self.deleted, self.all_last)
    }

    /// People who are touched.
    pub fn touched(&self) -> u64 {
        self.created + self.changed + self.deleted
    }
}

/// A plan, as far as it tells whether it is still the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// How many of each kind.
    pub counts: Counts,
    /// The same as long as the plan is.
    pub fingerprint: String,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    created: i64,
    #[diesel(sql_type = BigInt)]
    changed: i64,
    #[diesel(sql_type = BigInt)]
    deleted: i64,
    #[diesel(sql_type = BigInt)]
    protected: i64,
    #[diesel(sql_type = BigInt)]
    licenses_freed: i64,
    #[diesel(sql_type = BigInt)]
    records_lost: i64,
    #[diesel(sql_type = BigInt)]
    with_roles: i64,
    #[diesel(sql_type = BigInt)]
    refused: i64,
    #[diesel(sql_type = BigInt)]
    unreadable: i64,
    #[diesel(sql_type = BigInt)]
    in_scope: i64,
}

/// What the organisation in some row means.
#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = Text)]
    text: String,
    #[diesel(sql_type = SqlUuid)]
    organisation_id: OrganisationId,
}

/// Rows that could be read, and those of them that mean somebody who is known.
#[derive(QueryableByName)]
struct Rows {
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = BigInt)]
    known: i64,
}

/// Everybody who would go is behind everybody in the file.
#[derive(QueryableByName)]
struct AllLast {
    #[diesel(sql_type = Bool)]
    told: bool,
}

#[derive(QueryableByName)]
struct Fingerprint {
    #[diesel(sql_type = Text)]
    fingerprint: String,
}

/// Plans an import anew, from its rows and the people as they are now, in place of the plan before.
pub fn plan(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    import: &Import,
    now: DateTime<Utc>,
) -> Result<Planned, AppError> {
    let reading = import.reading();
    // more than a page needs, since the rows of a whole file are joined with the people, who are in memory
    conn.batch_execute(
        "set local work_mem to '128MB'; set local random_page_cost to 1.1;
         set local parallel_setup_cost to 0; set local parallel_tuple_cost to 0",
    )?;
    let premises = Premises::now(conn, by, import, &reading)?;
    forget(conn, import)?;
    conn.batch_execute(include_str!("tables.sql"))?;
    let rows = match_rows(conn, by, import, &reading)?;
    refuse(conn, by, import, &reading)?;
    of(include_str!("plan_rows.sql"), import).bind::<Bool, _>(reading.has("roles")).execute(conn)?;

    let mut counts = counted(conn, import, &reading, &rows)?;
    if import.synchronize && counts.objections.is_empty() {
        let reach = by.reach();
        by_several(conn, || of(include_str!("missing.sql"), import).bind::<SqlUuid, _>(import.organisation_id))?;
        conn.batch_execute("analyze import_missing")?;
        of(include_str!("plan_missing.sql"), import)
            .bind::<SqlUuid, _>(import.organisation_id)
            .bind::<Timestamptz, _>(joined_after(conn, import, &reading)?)
            .bind::<SqlUuid, _>(by.by().viewer().id)
            .bind::<Timestamptz, _>(now)
            .bind::<Bool, _>(reach.everything)
            .bind::<Array<Text>, _>(reach.role_codes())
            .bind::<Array<SqlUuid>, _>(reach.within)
            .execute(conn)?;
        counts = counted(conn, import, &reading, &rows)?;
        let AllLast { told } = of(include_str!("all_last.sql"), import).get_result(conn)?;
        counts.all_last = told;
    }
    if counts.refused > 0 {
        counts.causes = causes::causes(conn, import)?;
    }
    let Fingerprint { fingerprint } = of(include_str!("fingerprint.sql"), import).get_result(conn)?;
    let premises = premises.of_plan(conn, import, &fingerprint)?.map(|premises| json!(premises));
    diesel::update(imports::table.find(import.id))
        .set((
            imports::planned_at.eq(now),
            imports::counts.eq(json!(counts)),
            imports::fingerprint.eq(&fingerprint),
            imports::premises.eq(premises),
        ))
        .execute(conn)?;
    Ok(Planned { counts, fingerprint })
}

/// A statement whose `$1` is the import.
fn of(sql: &'static str, import: &Import) -> Prepared {
    prepared(sql).bind::<SqlUuid, _>(import.id)
}

/// Runs a statement whose work several processes of the database may share. In some containers there is too little shared
/// memory for that: then one does it alone.
fn by_several(conn: &mut PgConnection, statement: impl Fn() -> Prepared) -> Result<(), AppError> {
    match conn.transaction(|conn| statement().execute(conn)) {
        Err(Error::DatabaseError(DatabaseErrorKind::Unknown, error)) if error.message().contains("shared memory") => {
            tracing::warn!(error = ?error.message(), "a statement of an import is run again by one process alone");
            conn.batch_execute("set local max_parallel_workers_per_gather to 0")?;
            statement().execute(conn)?;
        }
        done => {
            done?;
        }
    }
    Ok(())
}

fn forget(conn: &mut PgConnection, import: &Import) -> Result<(), AppError> {
    diesel::delete(import_plan::table.filter(import_plan::import_id.eq(import.id))).execute(conn)?;
    let of_the_plan = import_refusals::table
        .filter(import_refusals::import_id.eq(import.id))
        .filter(import_refusals::of_the_file.eq(false));
    diesel::delete(of_the_plan).execute(conn)?;
    Ok(())
}

/// Finds out whom each row means, and takes a closer look at those that want something else than there is.
fn match_rows(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    import: &Import,
    reading: &Reading,
) -> Result<Rows, AppError> {
    let with_columns = |sql: &'static str| {
        let query = of(sql, import).bind::<SqlUuid, _>(import.organisation_id);
        ["username", "email", "first_name", "last_name", "organisation", "roles", "account_expires_on"]
            .into_iter()
            .fold(query, |query, column| query.bind::<Bool, _>(reading.has(column)))
    };
    of(include_str!("places.sql"), import).bind::<SqlUuid, _>(import.organisation_id).execute(conn)?;
    conn.batch_execute("analyze import_places")?;
    let places: Vec<Place> = prepared("select text, organisation_id from import_places where found = 1").load(conn)?;
    let (texts, ids): (Vec<String>, Vec<OrganisationId>) =
        places.into_iter().map(|place| (place.text, place.organisation_id)).unzip();
    // a merge join would sort all rows by the name of their organisation
    conn.batch_execute("set local enable_mergejoin to off")?;
    by_several(conn, || {
        with_columns(include_str!("matched.sql"))
            .bind::<Array<Text>, _>(texts.clone())
            .bind::<Array<SqlUuid>, _>(ids.clone())
    })?;
    conn.batch_execute("set local enable_mergejoin to default; analyze import_matched")?;
    let reach = by.reach();
    with_columns(include_str!("candidates.sql"))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Bool, _>(reach.everything)
        .bind::<Array<Text>, _>(reach.role_codes())
        .bind::<Array<SqlUuid>, _>(reach.within)
        .execute(conn)?;
    conn.batch_execute("create index on import_candidates (known_id); analyze import_candidates")?;
    Ok(of(include_str!("rows.sql"), import).get_result(conn)?)
}

/// E-mail addresses that somebody is to get and that no mail can be sent to.
fn unsendable(conn: &mut PgConnection) -> Result<Vec<String>, AppError> {
    #[derive(QueryableByName)]
    struct Unusual {
        #[diesel(sql_type = Text)]
        email: String,
    }
    let unusual: Vec<Unusual> = prepared(include_str!("unusual_emails.sql")).load(conn)?;
    Ok(unusual.into_iter().map(|one| one.email).filter(|email| !is_sendable(email)).collect())
}

fn refuse(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    import: &Import,
    reading: &Reading,
) -> Result<(), AppError> {
    let reach = by.reach();
    of(include_str!("refuse_rows.sql"), import)
        .bind::<Text, _>(import.organisation.clone())
        .bind::<Bool, _>(reach.everything)
        .bind::<Array<Text>, _>(reach.role_codes())
        .bind::<Array<SqlUuid>, _>(reach.within)
        .bind::<SqlUuid, _>(by.by().viewer().id)
        .bind::<SqlUuid, _>(import.organisation_id)
        .bind::<Bool, _>(reading.has("roles"))
        .bind::<Array<Text>, _>(unsendable(conn)?)
        .execute(conn)?;
    of(include_str!("refuse_numbers.sql"), import).bind::<SqlUuid, _>(import.organisation_id).execute(conn)?;
    of(include_str!("refuse_twice.sql"), import).bind::<Bool, _>(!reading.ascending).execute(conn)?;
    prepared(include_str!("waits.sql")).execute(conn)?;
    conn.batch_execute("create index on import_waits (waits_for); analyze import_waits")?;
    // a long chain falls row by row, each found by the index
    conn.batch_execute("set local enable_hashjoin to off; set local enable_mergejoin to off")?;
    of(include_str!("refuse_taken.sql"), import).execute(conn)?;
    conn.batch_execute("set local enable_hashjoin to default; set local enable_mergejoin to default")?;
    of(include_str!("refused_cells.sql"), import).execute(conn)?;
    Ok(())
}

fn counted(conn: &mut PgConnection, import: &Import, reading: &Reading, rows: &Rows) -> Result<Counts, AppError> {
    let row: CountRow =
        of(include_str!("counts.sql"), import).bind::<SqlUuid, _>(import.organisation_id).get_result(conn)?;
    let number = |count: i64| count.unsigned_abs();
    // a crash of the database loses the rows, and without some of them people would seem to be missing
    if number(rows.rows + row.unreadable) != reading.rows {
        return Err(AppError::Unusable(
            "The rows of the file are not there any more. Upload the file again.".to_owned(),
        ));
    }
    let facts = Facts {
        rows: number(rows.rows),
        known: number(rows.known),
        refused: number(row.refused),
        exports: exports_of(conn, import, reading)?,
    };
    Ok(Counts {
        created: number(row.created),
        changed: number(row.changed),
        unchanged: number(rows.rows + row.unreadable - row.refused - row.created - row.changed),
        deleted: number(row.deleted),
        all_last: false,
        protected: number(row.protected),
        refused: number(row.refused),
        licenses_freed: number(row.licenses_freed),
        records_lost: number(row.records_lost),
        with_roles: number(row.with_roles),
        in_scope: number(row.in_scope),
        objections: if import.synchronize { objections(&facts) } else { Vec::new() },
        causes: Vec::new(),
    })
}
