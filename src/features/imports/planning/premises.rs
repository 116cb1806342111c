//! Whether a plan is still the one that planning again would make, told without planning again.
//!
//! Triggers note where something changes that plans depend on (`import_disturbances`), under the number of its
//! transaction. A plan keeps what had been committed before it was made; as long as nothing is noted for its
//! organisation that is not in there, it would come out the same. What is not noted is compared by itself: what the person
//! may do, the exports, the day, the licenses and completion records of those who would go. Usernames and e-mail addresses
//! that somebody elsewhere takes are found when they are taken twice. A plan that depends on more than that, on people of
//! elsewhere or on what is wrong with a row, keeps no premises and is made again.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};

use super::{Planned, of};
use crate::domain::sync::guards::ExportOf;
use crate::error::AppError;
use crate::features::imports::queries::{Import, Reading, exports_of, joined_after};
use crate::ids::OrganisationId;
use crate::web::guards::{Allowed, Import as MayImport};

/// What a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Premises {
    /// What had been committed, as PostgreSQL writes it.
    snapshot: String,
    given: Given,
    /// The plan's fingerprint: another server's older program may have put another plan in its place.
    fingerprint: String,
}

/// What has to be the same for the plan to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Given {
    /// The program's, whose rules the plan follows.
    version: String,
    /// Where disturbances are noted: numbers of transactions mean nothing in a copy of the database elsewhere.
    noted_in: String,
    scope: Option<Vec<OrganisationId>>,
    everything: bool,
    roles: Vec<String>,
    within: Vec<OrganisationId>,
    exports: Vec<ExportOf>,
    joined_after: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Noted {
    #[diesel(sql_type = Text)]
    snapshot: String,
    #[diesel(sql_type = Text)]
    noted_in: String,
}

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Bool)]
    told: bool,
}

impl Premises {
    /// Those of a plan that is made from now on, in this transaction.
    pub(super) fn now(
        conn: &mut PgConnection,
        by: &Allowed<MayImport>,
        import: &Import,
        reading: &Reading,
    ) -> Result<Premises, AppError> {
        // housekeeping drops nothing while somebody is planning, whose premises it does not see yet
        conn.batch_execute("select pg_advisory_xact_lock_shared(hashtext('import_disturbances'))")?;
        Premises::read(conn, by, import, reading)
    }

    fn read(
        conn: &mut PgConnection,
        by: &Allowed<MayImport>,
        import: &Import,
        reading: &Reading,
    ) -> Result<Premises, AppError> {
        let Noted { snapshot, noted_in } = of(include_str!("premises.sql"), import).get_result(conn)?;
        let reach = by.reach();
        let given = Given {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            noted_in,
            scope: by.scope_parameter(),
            everything: reach.everything,
            roles: reach.role_codes().into_iter().map(str::to_owned).collect(),
            within: reach.within,
            exports: exports_of(conn, import, reading)?,
            joined_after: joined_after(conn, import, reading)?,
        };
        Ok(Premises { snapshot, given, fingerprint: String::new() })
    }

    /// To be kept with the plan that was made, if it depends on nothing else.
    pub(super) fn of_plan(
        self,
        conn: &mut PgConnection,
        import: &Import,
        fingerprint: &str,
    ) -> Result<Option<Premises>, AppError> {
        let Told { told } = of(include_str!("premises_suffice.sql"), import)
            .bind::<SqlUuid, _>(import.organisation_id)
            .get_result(conn)?;
        Ok(told.then(|| Premises { fingerprint: fingerprint.to_owned(), ..self }))
    }
}

/// The plan that is stored, if planning again would make the same; none when that cannot be told. After the locks: what
/// was waited for is seen then.
pub fn still_planned(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    import: &Import,
    now: DateTime<Utc>,
) -> Result<Option<Planned>, AppError> {
    let (Some(premises), Some(planned_at), Some(counts), Some(fingerprint)) =
        (import.premises(), import.planned_at, import.counts(), import.fingerprint.clone())
    else {
        return Ok(None);
    };
    let reading = import.reading();
    if premises.fingerprint != fingerprint || Premises::read(conn, by, import, &reading)?.given != premises.given {
        return Ok(None);
    }
    let rows = i64::try_from(reading.rows.saturating_sub(counts.refused)).unwrap_or(i64::MAX);
    let Told { told } = of(include_str!("premises_hold.sql"), import)
        .bind::<SqlUuid, _>(import.organisation_id)
        .bind::<Text, _>(premises.snapshot)
        .bind::<Timestamptz, _>(planned_at)
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(by.by().viewer().id)
        .bind::<BigInt, _>(rows)
        .get_result(conn)?;
    Ok(told.then_some(Planned { counts, fingerprint }))
}
