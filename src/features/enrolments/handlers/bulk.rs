//! A change of many enrolments: its page shows what it would do, and then it is done. With GET the
//! values come in the address, so that each step can be gone back to and needs no script.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::PgConnection;
use uuid::Uuid;

use super::bulk_form::{ChangeForm, Unseen};
use crate::app::AppState;
use crate::error::AppError;
use crate::features::enrolments::change::{Change, Kind};
use crate::features::enrolments::commands::{self, Applied, Request};
use crate::features::enrolments::list_query::ListQuery;
use crate::features::enrolments::pages::bulk::{BulkPage, Proposed, must_be_typed, unconfirmed};
use crate::features::enrolments::queries::{self, Effects, Header};
use crate::features::enrolments::target::{Chosen, Target};
use crate::features::licenses::queries_what_if;
use crate::features::users::queries as users_queries;
use crate::jobs::work::{self, Payload, Work};
use crate::people::gone::{at_most_a_day_before, deleted_since, looked_at, or_moved};
use crate::web::form::{self, Problems};
use crate::web::guards::{Allowed, Enrol};
use crate::web::page;
use crate::web::pager::with_query;

/// A change as a type, one for each address.
pub trait Changes: 'static {
    /// Which one.
    const KIND: Kind;
}

macro_rules! changes {
    ($($name:ident),+) => {$(
        /// See [`Kind`].
        #[derive(Debug)]
        pub enum $name {}
        impl Changes for $name {
            const KIND: Kind = Kind::$name;
        }
    )+};
}
changes!(Expiry, Due, Completion, Reset, Delete);

/// GET `/experiences/{experience_id}/enrolments/{change}`: chooses the values and shows the effect.
pub async fn form<C: Changes>(
    by: Allowed<Enrol>,
    path: web::Path<String>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let query = request.query_string().as_bytes();
    let (list, form): (ListQuery, ChangeForm) = (form::parse(query)?, form::parse(query)?);
    list.understood()?;
    let of = Of::Experience(page::id(&path)?, list);
    show(&state, by, C::KIND, of, form, Answer::Asked).await
}

/// POST to the same address: does it.
pub async fn apply<C: Changes>(
    by: Allowed<Enrol>,
    path: web::Path<String>,
    body: web::Bytes,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (list, mut form): (ListQuery, ChangeForm) = (form::parse(&body)?, form::parse(&body)?);
    list.understood()?;
    if form.says_all(C::KIND) {
        form::parse::<Unseen>(&body)?.check()?;
        form = form.proposing_nothing();
    }
    let of = Of::Experience(page::id(&path)?, list);
    do_it(&state, by, C::KIND, of, form).await
}

/// GET `/users/expire`: EXPIRE ALL ENROLMENTS of the users who are selected.
pub async fn expire_form(
    by: Allowed<Enrol>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let query = request.query_string().as_bytes();
    let (list, form): (users_queries::ListQuery, ChangeForm) = (form::parse(query)?, form::parse(query)?);
    list.understood()?;
    show(&state, by, Kind::Expiry, Of::Users(list), form.with_an_end(), Answer::Asked).await
}

/// POST `/users/expire`.
pub async fn expire(
    by: Allowed<Enrol>,
    body: web::Bytes,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (list, form): (users_queries::ListQuery, ChangeForm) = (form::parse(&body)?, form::parse(&body)?);
    list.understood()?;
    do_it(&state, by, Kind::Expiry, Of::Users(list), form.with_an_end()).await
}

/// Whose enrolments, before it is known until when.
#[derive(Clone)]
enum Of {
    Experience(crate::ids::ExperienceId, ListQuery),
    Users(users_queries::ListQuery),
}

impl Of {
    fn target(&self, date: NaiveDate) -> Target {
        match self {
            Of::Experience(experience, list) => Target::Experience { experience: *experience, list: list.clone() },
            Of::Users(list) => Target::Users { list: list.clone(), date },
        }
    }

    /// Where the list is, with its filters.
    fn list(&self, target: &Target, more: &[(&'static str, String)]) -> String {
        let path = match self {
            Of::Experience(experience, _) => format!("/experiences/{experience}/enrolments"),
            Of::Users(list) => list.screen().0,
        };
        with_query(&path, target.list_pairs().iter().chain(more).map(|(name, value)| (*name, value)))
    }
}

/// Why the page is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    /// It was asked for.
    Asked,
    /// The date is another one than the one whose effect was shown.
    Other,
    /// Nothing says that any effect was shown.
    Unseen,
    /// What was typed is wrong.
    Wrong,
    /// Many completion records would be lost, and their number was not typed.
    Unconfirmed,
    /// Somebody else was faster, since this time.
    Moved(DateTime<Utc>),
}

async fn show(
    state: &AppState,
    by: Allowed<Enrol>,
    kind: Kind,
    of: Of,
    form: ChangeForm,
    answer: Answer,
) -> Result<HttpResponse, AppError> {
    let (now, asking, why) = (state.clock.now(), by.clone(), answer.clone());
    let proposed = state
        .database
        .read(move |conn| {
            let (header, today) = place(conn, &asking, &of, now)?;
            let typed = form.typed(kind, today);
            let (change, problems) = match typed.change(kind, today) {
                Ok(change) => (Some(change), Problems::default()),
                Err(problems) if why == Answer::Wrong || form.says_date(kind) => (None, problems),
                Err(_) => (None, Problems::default()),
            };
            let target = of.target(change.as_ref().and_then(Change::date).unwrap_or(today));
            let since = match why {
                Answer::Moved(since) => since,
                _ => at_most_a_day_before(now),
            };
            let Still { target, chosen, gone } = still(conn, &asking, target, since, now)?;
            let effects = match &change {
                Some(change) => queries::effects(conn, &chosen, change, now)?,
                None => Effects::default(),
            };
            let what_if = match &change {
                Some(Change::Expiry { .. }) => {
                    let places = chosen.places.keys().copied().collect();
                    queries_what_if::when_enrolments_change(conn, &asking, places, &effects.changes, now)?
                }
                _ => None,
            };
            let problems = match why {
                Answer::Unconfirmed => Problems::one("confirm", unconfirmed(chosen.records)),
                _ => problems,
            };
            let moved = match why {
                Answer::Moved(since) => {
                    Some(queries::changes_since(conn, &asking, (&target, &chosen.ids, &gone), since)?)
                }
                Answer::Asked | Answer::Other | Answer::Unseen | Answer::Wrong | Answer::Unconfirmed => None,
            };
            let mut exceeded = Vec::new();
            for (from, effect) in effects.by_day.iter().filter(|(_, effect)| effect.taken() > 0) {
                exceeded.push((*from, queries::exceeded(conn, &asking, effect, from.unwrap_or(today), now)?));
            }
            let selection = target.selection()?.pairs();
            let somebody = match &target {
                Target::Users { list, .. } if chosen.ids.is_empty() => {
                    users_queries::is_somebody_selected(conn, &asking, list, now)?
                }
                _ => false,
            };
            Ok(Proposed {
                kind,
                preview: queries::preview(conn, chosen, header, change.as_ref(), today)?,
                screen: match &target {
                    Target::Users { list, .. } => list.screen().1,
                    Target::Experience { .. } => "Enrolments",
                },
                gone: gone.len() as u64,
                somebody,
                back: of.list(&target, &selection),
                pairs: [target.list_pairs(), selection].concat(),
                typed,
                problems,
                change,
                effects: effects.by_day,
                exceeded,
                what_if: what_if.map(|what_if| what_if.view()),
                moved,
                recheck: matches!(why, Answer::Other | Answer::Unseen),
                now,
            })
        })
        .await?;
    let status = match answer {
        Answer::Asked if !proposed.problems.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        Answer::Asked | Answer::Other => StatusCode::OK,
        Answer::Wrong | Answer::Unconfirmed => StatusCode::UNPROCESSABLE_ENTITY,
        Answer::Unseen | Answer::Moved(_) => StatusCode::CONFLICT,
    };
    page::html(status, &BulkPage::new(proposed, by.by().viewer()))
}

/// The learning experience, if the enrolments are of one, and the day; of several trees the earliest, so that the day before
/// it is over everywhere.
fn place(
    conn: &mut PgConnection,
    by: &Allowed<Enrol>,
    of: &Of,
    now: DateTime<Utc>,
) -> Result<(Option<Header>, NaiveDate), AppError> {
    match of {
        Of::Experience(experience, _) => {
            let header = queries::header(conn, by, *experience, now)?;
            let today = header.today;
            Ok((Some(header), today))
        }
        Of::Users(_) => Ok((None, users_queries::earliest_day(conn, by, now)?)),
    }
}

/// What is meant at the moment.
struct Still {
    target: Target,
    chosen: Chosen,
    /// What is ticked and was deleted meanwhile: it is left out.
    gone: Vec<Uuid>,
}

/// What of a selection is still there. Somebody has seen it since that time.
fn still(
    conn: &mut PgConnection,
    by: &Allowed<Enrol>,
    target: Target,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Still, AppError> {
    match target.chosen(conn, by, now) {
        Err(AppError::NotFound) => {
            let gone = deleted_since(conn, by, &target.selection()?, since)?;
            let target = target.without(&gone);
            let chosen = target.chosen(conn, by, now)?;
            Ok(Still { target, chosen, gone })
        }
        chosen => Ok(Still { target, chosen: chosen?, gone: Vec::new() }),
    }
}

async fn do_it(
    state: &AppState,
    by: Allowed<Enrol>,
    kind: Kind,
    of: Of,
    form: ChangeForm,
) -> Result<HttpResponse, AppError> {
    let (now, asking, own) = (state.clock.now(), by.clone(), of.clone());
    let (_, today) = state.database.read(move |conn| place(conn, &asking, &own, now)).await?;
    let typed = form.typed(kind, today);
    let Ok(change) = typed.change(kind, today) else {
        return show(state, by, kind, of, form, Answer::Wrong).await;
    };
    if form.previewed.as_ref().is_some_and(|previewed| *previewed != typed.previewed()) {
        return show(state, by, kind, of, form, Answer::Other).await;
    }
    let target = of.target(change.date().unwrap_or(today));
    let (seen, since) = form.looked().map_or((None, None), |looked| (Some(looked.fingerprint), looked.at));
    if seen.is_none() && !(form.says_all(kind) && matches!(of, Of::Experience(..))) {
        return show(state, by, kind, of, form, Answer::Unseen).await;
    }
    let request = Request { target: target.clone(), change, seen };
    let (acting, actor, wanted) = (by.clone(), by.by().actor(), target.clone());
    let looked = looked_at(since, now);
    let Still { chosen, gone, .. } = state.database.read(move |conn| still(conn, &acting, wanted, looked, now)).await?;
    // Once more when it is done; here, so that nobody waits in the background to be told.
    if request.seen.as_ref().is_some_and(|seen| *seen != chosen.seen) || !gone.is_empty() {
        return show(state, by, kind, of, form, Answer::Moved(looked)).await;
    }
    let (count, records) = (chosen.ids.len(), chosen.records);
    if must_be_typed(kind, records) && form.confirmed() != Some(records) {
        return show(state, by, kind, of, form, Answer::Unconfirmed).await;
    }
    if count >= work::FROM {
        let back = of.list(&target, &[]);
        let (payload, person) = (Payload::new(Work::ChangeEnrolments { request }, by.by(), back), by.by().viewer().id);
        let job = state.database.write(actor, move |conn| payload.enqueue(conn, person, count, now)).await?;
        state.work_waits();
        return Ok(page::see_other(&format!("/jobs/{job}")));
    }
    let acting = by.clone();
    let applied = state.database.write(actor, move |conn| commands::apply(conn, &acting, &request, now, &|_| {}));
    match or_moved(applied.await, Applied::Moved)? {
        Applied::Done(entry) => Ok(page::see_other(&of.list(&target, &[("done", entry.to_string())]))),
        Applied::Nothing => Ok(page::see_other(&of.list(&target, &[("done", "nothing".to_owned())]))),
        Applied::Moved => show(state, by, kind, of, form, Answer::Moved(looked)).await,
    }
}
