//! Changes of many users, each in one transaction with one audit entry. All of the users change or none.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::queries::{self, Chosen};
use super::{Change, Kind, words};
use crate::db::audit::{Audited, Entry};
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::features::accounts::organisation_field::{Chosen as ChosenOrganisation, choose};
use crate::features::enrolments::queries::{Effect, Exceeded, exceeded};
use crate::features::users::queries::{ListQuery, earliest_day, selected_ids};
use crate::ids::{EntryId, UserId};
use crate::people::deletion::restore_window_days;
use crate::people::deletion::{self, NotDeleted};
use crate::people::{instance_admins, turns};
use crate::web::form::Problems;
use crate::web::guards::{Allowed, DeleteUsers, EditUsers, Permission};

/// What somebody asks for: it can be written down, and done in the background.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// The users who are selected in this list.
    pub list: ListQuery,
    /// Without those among them whom the person may not change.
    pub leave_out: bool,
    /// The fingerprint of what the person saw; none: whatever there is, which no page asks for.
    pub seen: Option<String>,
    /// The number of users, typed to confirm.
    pub confirmed: Option<u64>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum Applied {
    /// Done; the audit entry has the facts.
    Done(EntryId),
    /// There was nothing to change.
    Nothing,
    /// Somebody has changed the users since the person saw them; nothing was done.
    Moved,
    /// Why nothing was done.
    Refused(Problems),
}

/// What the audit entry of a change tells; that of a deletion is `people::deletion`'s.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Facts {
    /// How many users were changed.
    pub users: u64,
    /// How many were as wanted already.
    pub unchanged: u64,
    /// What was done.
    pub change: Change,
    /// What it did to the licenses.
    pub effect: Effect,
    /// Limits that are exceeded since.
    pub exceeded: Vec<Exceeded>,
}

/// A change as a type, one for each address.
pub trait Changes: 'static {
    /// Who may do it.
    type By: Permission + Clone + Send;
    /// Which one.
    const KIND: Kind;
    /// Nobody else changes these people until the transaction ends.
    fn lock(conn: &mut PgConnection, ids: &[UserId]) -> Result<(), AppError> {
        turns::of_accounts(conn, ids)
    }
    /// Does it with people who are locked and within reach. `progress` is told how many are done.
    fn write(
        conn: &mut PgConnection,
        by: &Allowed<Self::By>,
        ids: &[UserId],
        change: Change,
        now: DateTime<Utc>,
        progress: &dyn Fn(usize),
    ) -> Result<Audited<Applied>, AppError>;
}

/// How many users are changed by one statement, so that there is progress to tell.
const STEP: usize = 20_000;

/// Above this many people their number has to be typed before they are deleted.
pub const MOST_UNCONFIRMED: usize = 50;

/// Applies a change, in one transaction.
pub fn apply<C: Changes>(
    conn: &mut PgConnection,
    by: &Allowed<C::By>,
    request: &Request,
    change: Change,
    now: DateTime<Utc>,
    progress: &dyn Fn(usize),
) -> Result<Audited<Applied>, AppError> {
    let selected = selected_ids(conn, by, &request.list, now)?;
    C::lock(conn, &selected)?;
    let chosen = queries::chosen(conn, by, request, C::KIND, now)?;
    if request.seen.as_ref().is_some_and(|seen| *seen != chosen.seen) {
        return Ok(Audited::unchanged(Applied::Moved));
    }
    let problems = refused(conn, by, request, &chosen, change, now)?;
    if !problems.is_empty() {
        return Ok(Audited::unchanged(Applied::Refused(problems)));
    }
    if chosen.ids.is_empty() {
        return Ok(Audited::unchanged(Applied::Nothing));
    }
    C::write(conn, by, &chosen.ids, change, now, progress)
}

/// What speaks against a change of these people.
fn refused<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    request: &Request,
    chosen: &Chosen,
    change: Change,
    now: DateTime<Utc>,
) -> Result<Problems, AppError> {
    if !request.leave_out && !chosen.protected.is_empty() {
        return Ok(Problems::one("protected", words::protected(&chosen.protected).join(" ")));
    }
    match change {
        Change::Expiry { date: Some(_) } if instance_admins::would_be_gone(conn, &chosen.ids, now)? => {
            Ok(Problems::one("expires_on", instance_admins::NEEDED))
        }
        Change::Expiry { .. } => Ok(Problems::default()),
        Change::Move { to } => {
            let known = matches!(choose(conn, by, Some(&to.to_string()))?, ChosenOrganisation::Organisation(_));
            let crossing = queries::moving(conn, &chosen.ids, to)?.crossing;
            Ok(match (known, crossing) {
                (false, _) => Problems::one("move_to", "You look after no such organisation."),
                (true, 1..) if !by.reach().everything => Problems::one("move_to", words::crossing(crossing)),
                _ => Problems::default(),
            })
        }
        Change::Delete => {
            let count = chosen.ids.len();
            let asked = must_be_typed(count, restore_window_days(conn)?);
            Ok(if asked && request.confirmed != Some(count as u64) {
                Problems::one("confirm", words::type_to_confirm(count as u64))
            } else {
                Problems::default()
            })
        }
    }
}

/// Their number has to be typed before so many people are deleted.
pub fn must_be_typed(people: usize, restore_window_days: i32) -> bool {
    people > MOST_UNCONFIRMED || (restore_window_days == 0 && people > 0)
}

/// SET ACCOUNT EXPIRY.
#[derive(Debug)]
pub enum Expiry {}

impl Changes for Expiry {
    type By = EditUsers;
    const KIND: Kind = Kind::Expiry;

    fn write(
        conn: &mut PgConnection,
        by: &Allowed<EditUsers>,
        ids: &[UserId],
        change: Change,
        now: DateTime<Utc>,
        progress: &dyn Fn(usize),
    ) -> Result<Audited<Applied>, AppError> {
        update(conn, by, ids, change, now, progress)
    }
}

/// MOVE.
#[derive(Debug)]
pub enum Move {}

impl Changes for Move {
    type By = EditUsers;
    const KIND: Kind = Kind::Move;

    fn write(
        conn: &mut PgConnection,
        by: &Allowed<EditUsers>,
        ids: &[UserId],
        change: Change,
        now: DateTime<Utc>,
        progress: &dyn Fn(usize),
    ) -> Result<Audited<Applied>, AppError> {
        update(conn, by, ids, change, now, progress)
    }
}

/// DELETE.
#[derive(Debug)]
pub enum Delete {}

impl Changes for Delete {
    type By = DeleteUsers;
    const KIND: Kind = Kind::Delete;

    fn lock(conn: &mut PgConnection, ids: &[UserId]) -> Result<(), AppError> {
        turns::of_existence(conn, ids)
    }

    fn write(
        conn: &mut PgConnection,
        by: &Allowed<DeleteUsers>,
        ids: &[UserId],
        _: Change,
        now: DateTime<Utc>,
        progress: &dyn Fn(usize),
    ) -> Result<Audited<Applied>, AppError> {
        let audited = deletion::delete_users(conn, by, ids, now, progress)?;
        let entry = audited.entry();
        audited.try_map(|outcome| match outcome {
            Ok(_) => Ok(entry.map_or(Applied::Nothing, Applied::Done)),
            Err(NotDeleted::Elsewhere(_)) => Err(AppError::NotFound),
            Err(refused) => Ok(Applied::Refused(Problems::one("protected", words::not_deleted(refused)))),
        })
    }
}

/// Sets what changes, with its rows of the audit log.
fn update(
    conn: &mut PgConnection,
    by: &Allowed<EditUsers>,
    ids: &[UserId],
    change: Change,
    now: DateTime<Utc>,
    progress: &dyn Fn(usize),
) -> Result<Audited<Applied>, AppError> {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let effect = queries::effect(conn, ids, change, None, now)?;
    let today = earliest_day(conn, by, now)?;
    let exceeded = exceeded(conn, by, &effect, today, now)?;
    let action = match change {
        Change::Expiry { .. } => "user.expiry_set",
        Change::Move { .. } => "user.moved",
        Change::Delete => return Ok(Audited::unchanged(Applied::Nothing)),
    };
    let to = match change {
        Change::Move { to } => Some(to),
        Change::Expiry { .. } | Change::Delete => None,
    };
    let place = queries::common_home(conn, ids, to)?;
    let entry = Entry::new(action);
    let (mut users, mut passed) = (0, 0);
    for step in ids.chunks(STEP) {
        let of = |sql| prepared(sql).bind::<Array<SqlUuid>, _>(step.to_vec());
        let statement = match change {
            Change::Expiry { date } => of(include_str!("expiry.sql")).bind::<Nullable<Date>, _>(date),
            Change::Move { to } => of(include_str!("move.sql")).bind::<SqlUuid, _>(to),
            Change::Delete => break,
        };
        let counted: Counted = statement.bind::<SqlUuid, _>(entry.id()).get_result(conn)?;
        users += counted.count.unsigned_abs();
        passed += step.len();
        progress(passed);
    }
    if users == 0 {
        return Ok(Audited::unchanged(Applied::Nothing));
    }
    let (id, unchanged) = (entry.id(), (ids.len() as u64).saturating_sub(users));
    let entry = entry.on(place).detail(json!(Facts { users, unchanged, change, effect, exceeded }));
    let entry = match ids {
        [only] => entry.about("user", only.0),
        _ => entry,
    };
    Ok(Audited::new(Applied::Done(id), entry))
}
