//! Everything that the page of a change shows before it is done.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::PgConnection;

use super::{ChangedSince, Chosen, Effects, Moving, Theirs};
use crate::db::prepared::plan_for_many;
use crate::error::AppError;
use crate::features::accounts::organisation_field::{Besides, OrganisationField};
use crate::features::enrolments::queries::names;
use crate::features::users::bulk::forms::ChangeForm;
use crate::features::users::bulk::{Change, Kind, Request};
use crate::features::users::queries::{ListQuery, Still, earliest_day};
use crate::people::deletion::restore_window_days;
use crate::people::gone::at_most_a_day_before;
use crate::web::form::Problems;
use crate::web::guards::{Allowed, Permission};

/// A change that is proposed.
pub struct Proposed {
    /// The list, with the selection.
    pub list: ListQuery,
    /// As sent.
    pub form: ChangeForm,
    /// Who is meant.
    pub chosen: Chosen,
    /// Some of their names.
    pub sample: Vec<String>,
    /// What belongs to them.
    pub theirs: Theirs,
    /// The change, when it can be read.
    pub change: Option<Change>,
    /// What is wrong with values that were sent.
    pub wrong: Problems,
    /// What it does to the licenses.
    pub effects: Option<Effects>,
    /// What else is to know about a move.
    pub moving: Option<Moving>,
    /// Accounts that would end later than before.
    pub later: u64,
    /// For how many days deleted people can be restored.
    pub restore_window_days: i32,
    /// The organisation to move to.
    pub organisation: Option<OrganisationField>,
    /// How many who were ticked are deleted meanwhile.
    pub gone: u64,
    /// The earliest day that it is in a tree of the scope.
    pub today: NaiveDate,
    /// What somebody else did meanwhile, if that is why the page is shown again.
    pub moved: Option<Vec<ChangedSince>>,
}

impl Proposed {
    /// Somebody becomes inactive today.
    pub fn frees_licenses(&self) -> bool {
        self.effects.as_ref().is_some_and(|effects| effects.by_day.iter().any(|(_, effect)| effect.freed() > 0))
    }
}

/// What a change would do now. `moved_since`: somebody has changed something since this time.
pub fn propose<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    kind: Kind,
    list: ListQuery,
    form: ChangeForm,
    moved_since: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Proposed, AppError> {
    plan_for_many(conn)?;
    let since = moved_since.unwrap_or_else(|| at_most_a_day_before(now));
    let Still { list, gone } = list.still(conn, by, since, now)?;
    let request = Request { list, leave_out: form.leaves_out(), seen: None, confirmed: None };
    let chosen = super::chosen(conn, by, &request, kind, now)?;
    let (change, wrong) = match form.change(conn, by, kind, now)? {
        Ok(change) => (Some(change), Problems::default()),
        Err(problems) if form.is_filled() => (None, problems),
        Err(_) => (None, Problems::default()),
    };
    let today = earliest_day(conn, by, now)?;
    let effects = match change {
        Some(change) => Some(super::effects(conn, by, &chosen.ids, change, today, now)?),
        None => None,
    };
    let moving = match change {
        Some(Change::Move { to }) => Some(super::moving(conn, &chosen.ids, to)?),
        _ => None,
    };
    let later = match change {
        Some(Change::Expiry { date }) => super::later_than_before(conn, &chosen.ids, date, now)?,
        _ => 0,
    };
    let organisation = match kind {
        Kind::Move => {
            let text = form.organisation_text();
            Some(OrganisationField::read(conn, by, "Move to", text, Besides::Nothing)?.named("move_to"))
        }
        Kind::Expiry | Kind::Delete => None,
    };
    let moved = match moved_since {
        Some(since) => Some(super::changes_since(conn, by, (&request.list, &chosen.ids, &gone), since)?),
        None => None,
    };
    Ok(Proposed {
        sample: names(conn, &chosen.ids)?,
        theirs: super::theirs(conn, &chosen.ids)?,
        restore_window_days: restore_window_days(conn)?,
        list: request.list,
        form,
        chosen,
        change,
        wrong,
        effects,
        moving,
        later,
        organisation,
        today,
        gone: gone.len() as u64,
        moved,
    })
}
