//! What things are called now, as far as the reader may see them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::db::prepared::prepared;
use crate::db::types::scope_parameter;
use crate::domain::access::Action;
use crate::error::AppError;
use crate::web::audit_words::{self, Named, Names};
use crate::web::format;
use crate::web::guards::{Allowed, Permission};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    /// Of an entry its action; of an export empty.
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    address: Option<String>,
    /// When it was done: entries and exports.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    at: Option<DateTime<Utc>>,
    /// Who did it; none when that was somebody who is deleted now.
    #[diesel(sql_type = Nullable<Text>)]
    who: Option<String>,
}

impl Row {
    /// "Ada Osei", "Set the expiry date of enrolments (24 Nov 2026, 14:05 GMT, Uma Reyes)", "24 Nov 2026, 14:05 GMT
    /// (Uma Reyes)".
    fn words(self, zone: Tz) -> String {
        let Some(at) = self.at else { return self.name };
        let (at, who) =
            (format::moment(at, zone), self.who.unwrap_or_else(|| "somebody who is deleted now".to_owned()));
        if self.name.is_empty() {
            format!("{at} ({who})")
        } else {
            format!("{} ({at}, {who})", audit_words::action(&self.name))
        }
    }
}

/// The names of users, organisations, learning experiences, enrolments, imports, agreements, tiers, exports and other
/// entries of the log; all in one go.
pub fn names<P: Permission>(conn: &mut PgConnection, by: &Allowed<P>, ids: Vec<Uuid>) -> Result<Names, AppError> {
    let viewer = by.by().viewer();
    let audit = viewer.scope_of(Action::SeeAudit);
    let rows: Vec<Row> = prepared(include_str!("names.sql"))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Bool, _>(audit.is_some())
        .bind::<Nullable<Array<SqlUuid>>, _>(audit.as_ref().and_then(scope_parameter))
        .bind::<SqlUuid, _>(viewer.id)
        .load(conn)?;
    let named = |row: Row| {
        let (id, address) = (row.id, row.address.clone());
        (id, Named { name: row.words(viewer.time_zone), address })
    };
    Ok(Names { things: rows.into_iter().map(named).collect(), zone: viewer.time_zone })
}
