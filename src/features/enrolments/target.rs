//! Which enrolments a bulk change is for. It can be written down, so that the work can be done later
//! in the background, on exactly what was shown.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::list_query::{self, ListQuery};
use super::queries::{self, Meant};
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::features::users::queries::{self as users_queries, Ground};
use crate::ids::{EnrolmentId, ExperienceId, OrganisationId, UserId};
use crate::schema::{enrolments, license_spans};
use crate::web::guards::{Allowed, Enrol};
use crate::web::selection::Selection;

/// Which enrolments.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "of")]
pub enum Target {
    /// Of a learning experience: those that are selected in its list.
    Experience {
        /// The learning experience.
        experience: ExperienceId,
        /// The list's query, with the selection.
        list: ListQuery,
    },
    /// Of the people who are selected in the list of users: all that still give access after the date.
    Users {
        /// The list's query, with the selection.
        list: users_queries::ListQuery,
        /// The expiry date.
        date: NaiveDate,
    },
}

/// What a target is at the moment.
pub struct Chosen {
    /// The enrolments, those of one user together.
    pub ids: Vec<EnrolmentId>,
    /// What these are like, in the same order.
    pub before: Vec<Before>,
    /// Whose they are, each once.
    pub people: Vec<UserId>,
    /// How many of these people each home organisation has.
    pub places: BTreeMap<OrganisationId, i64>,
    /// How many of the enrolments have a completion record.
    pub records: u64,
    /// A fingerprint of them: the same as long as nobody changed them.
    pub seen: String,
}

/// What an enrolment is like before a change.
#[derive(Debug, Clone, Copy)]
pub struct Before {
    /// Whose it is.
    pub person: UserId,
    /// What it is on.
    pub experience: ExperienceId,
    /// The first day of access.
    pub starts_on: NaiveDate,
    /// The last day of access; none: it does not end.
    pub expires_on: Option<NaiveDate>,
}

/// A row that is chosen.
#[derive(Queryable)]
struct Row {
    id: EnrolmentId,
    person: UserId,
    experience: ExperienceId,
    starts_on: NaiveDate,
    expires_on: Option<NaiveDate>,
    home: Option<OrganisationId>,
    is_completed: bool,
    hash: i64,
}

type RowTypes = (SqlUuid, SqlUuid, SqlUuid, Date, Nullable<Date>, Nullable<SqlUuid>, Bool, BigInt);

/// The enrolments of a query, those of one user together.
const READ: &str = "$1 order by enrolments.user_id, enrolments.id";
/// The same; and their people's turn is waited for, as by [`crate::people::turns::of_activity`].
const LOCKED: &str = "$1 order by enrolments.user_id, enrolments.id for no key update of license_spans";

/// Which transactions that wrote anything had ended: as long as it is the same, nobody else has changed anything.
fn completed(conn: &mut PgConnection) -> Result<String, AppError> {
    Ok(diesel::select(sql::<Text>("pg_current_snapshot()::text")).get_result(conn)?)
}

impl Chosen {
    fn of(rows: Vec<Row>) -> Chosen {
        let mut people: Vec<(UserId, Option<OrganisationId>)> = rows.iter().map(|row| (row.person, row.home)).collect();
        people.dedup();
        let mut places = BTreeMap::new();
        for home in people.iter().filter_map(|(_, home)| *home) {
            *places.entry(home).or_default() += 1;
        }
        let sum: i128 = rows.iter().map(|row| i128::from(row.hash)).sum();
        let before = |row: &Row| Before {
            person: row.person,
            experience: row.experience,
            starts_on: row.starts_on,
            expires_on: row.expires_on,
        };
        Chosen {
            people: people.into_iter().map(|(person, _)| person).collect(),
            places,
            records: rows.iter().filter(|row| row.is_completed).count() as u64,
            seen: format!("{}.{sum}", rows.len()),
            before: rows.iter().map(before).collect(),
            ids: rows.into_iter().map(|row| row.id).collect(),
        }
    }
}

impl Target {
    /// The enrolments that are meant, within the scope.
    fn query(&self, conn: &mut PgConnection, by: &Allowed<Enrol>, now: DateTime<Utc>) -> Result<Meant, AppError> {
        match self {
            Target::Experience { experience, list } => {
                let header = queries::header(conn, by, *experience, now)?;
                let filter = match list.selection()? {
                    Selection::All => list.filter(),
                    Selection::Ticked(_) => queries::Filter::default(),
                };
                let ground = Ground::on(conn, by, filter.organisation, header.today, now)?;
                let query = queries::meant(&ground, *experience, &filter, header.today);
                Ok(queries::selected(query, &list.selection()?))
            }
            Target::Users { list, date } => {
                // refuses an id that is not there, or not for this person
                if let Selection::Ticked(_) = list.selection()? {
                    users_queries::selected_ids(conn, by, list, now)?;
                }
                let people = users_queries::selected(conn, by, list, now)?;
                Ok(queries::of_users(people, *date))
            }
        }
    }

    /// The enrolments that are meant. Until the transaction ends, nobody else changes what makes their people
    /// active. While the locks were waited for others may have changed them or joined, who are locked then too.
    pub fn lock(&self, conn: &mut PgConnection, by: &Allowed<Enrol>, now: DateTime<Utc>) -> Result<Chosen, AppError> {
        loop {
            let before = completed(conn)?;
            let locked = self.rows(conn, by, now, LOCKED)?;
            // As on most evenings: nobody has written anything meanwhile, so that this is what there is.
            if completed(conn)? == before {
                return Ok(Chosen::of(locked));
            }
            let locked: HashSet<UserId> = locked.iter().map(|row| row.person).collect();
            let chosen = self.chosen(conn, by, now)?;
            if chosen.people.iter().all(|person| locked.contains(person)) {
                return Ok(chosen);
            }
        }
    }

    /// The enrolments that are meant now. A ticked one that is not there, or not for this person, is
    /// refused: nothing is done by halves.
    pub fn chosen(&self, conn: &mut PgConnection, by: &Allowed<Enrol>, now: DateTime<Utc>) -> Result<Chosen, AppError> {
        Ok(Chosen::of(self.rows(conn, by, now, READ)?))
    }

    fn rows(
        &self,
        conn: &mut PgConnection,
        by: &Allowed<Enrol>,
        now: DateTime<Utc>,
        order: &'static str,
    ) -> Result<Vec<Row>, AppError> {
        let query = self.query(conn, by, now)?.select((
            enrolments::id,
            enrolments::user_id,
            enrolments::experience_id,
            enrolments::starts_on,
            enrolments::expires_on,
            license_spans::organisation_id,
            enrolments::completed_on.is_not_null(),
            sql::<BigInt>(include_str!("queries/seen.sql")),
        ));
        let rows: Vec<Row> = prepared(order).query(query).typed::<RowTypes>().load(conn)?;
        if let Target::Experience { list, .. } = self
            && let Selection::Ticked(ticked) = list.selection()?
            && ticked.len() != rows.len()
        {
            return Err(AppError::NotFound);
        }
        Ok(rows)
    }

    /// The same without some of what is ticked.
    #[must_use]
    pub fn without(self, gone: &[Uuid]) -> Target {
        match self {
            Target::Experience { experience, list } => Target::Experience { experience, list: list.without(gone) },
            Target::Users { list, date } => Target::Users { list: list.without(gone), date },
        }
    }

    /// The learning experience, if the enrolments are of one.
    pub fn experience(&self) -> Option<ExperienceId> {
        match self {
            Target::Experience { experience, .. } => Some(*experience),
            Target::Users { .. } => None,
        }
    }

    /// The query of the list that it was chosen from, without the selection.
    pub fn list_pairs(&self) -> Vec<(&'static str, String)> {
        match self {
            Target::Experience { list, .. } => {
                [list_query::filter_pairs(&list.filter()), list_query::order_pairs(list.order())].concat()
            }
            Target::Users { list, .. } => list.pairs(),
        }
    }

    /// Ids that were ticked, for the hidden fields of a form.
    pub fn selection(&self) -> Result<Selection, AppError> {
        match self {
            Target::Experience { list, .. } => list.selection(),
            Target::Users { list, .. } => list.selection(),
        }
    }
}
