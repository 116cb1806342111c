//! Free up licenses: who is active and could give the license back, by reason.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::Deserialize;

use super::pages::{Row, organisation_choice};
use super::queries::{self, Filter, Ground, Idle, ListQuery, Listed, NotSeen, PAGE_SIZE, Sought, Status};
use crate::app::AppState;
use crate::error::AppError;
use crate::features::enrolments::queries::notice;
use crate::features::organisations::queries::{Offered, choices};
use crate::web::form::{Asked, Choice, Field, Problems};
use crate::web::guards::{Allowed, Enrol};
use crate::web::list::{self, Paging, Pairs, Picked, Total};
use crate::web::notice::Notice;
use crate::web::page::{self, Chrome, Section};
use crate::web::pager::with_query;
use crate::web::selection::Selection;

/// Why somebody could give the license back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Completed,
    NeverOpened,
    NotSeen(u32),
}

const USUAL_DAYS: u32 = 90;

impl Reason {
    fn of(list: &ListQuery) -> Reason {
        let filter = list.filter();
        match (filter.idle, filter.not_seen) {
            (Some(Idle::NeverOpened), _) => Reason::NeverOpened,
            (None, Some(NotSeen::ForDays(days))) => Reason::NotSeen(days),
            (None, None) if list.asks_for_not_seen() => Reason::NotSeen(USUAL_DAYS),
            _ => Reason::Completed,
        }
    }

    /// The people whom it is true of.
    fn filter(self, organisation: &Filter) -> Filter {
        let own = Filter {
            search: organisation.search.clone(),
            organisation: organisation.organisation,
            status: Some(Status::Active),
            ..Filter::default()
        };
        match self {
            Reason::Completed => Filter { idle: Some(Idle::Completed), ..own },
            Reason::NeverOpened => Filter { idle: Some(Idle::NeverOpened), ..own },
            Reason::NotSeen(days) => Filter { not_seen: Some(NotSeen::ForDays(days)), ..own },
        }
    }

    fn words(self) -> String {
        match self {
            Reason::Completed => "Everything completed".to_owned(),
            Reason::NeverOpened => "Never opened".to_owned(),
            Reason::NotSeen(365) => "Not seen for a year".to_owned(),
            Reason::NotSeen(days) => {
                format!("Not seen for {}", crate::web::format::counted(u64::from(days), "day", "days"))
            }
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Reason::Completed => "All that they have access to is completed.",
            Reason::NeverOpened => "They have access, and have opened none of it.",
            Reason::NotSeen(_) => "They have access, and have not signed in for so long, or never.",
        }
    }

    fn is(self, other: Reason) -> bool {
        matches!((self, other), (Reason::NotSeen(_), Reason::NotSeen(_))) || self == other
    }
}

/// A reason to choose.
pub struct Offer {
    /// "Everything completed".
    pub words: String,
    /// Who that is.
    pub meaning: &'static str,
    /// How many licenses that frees.
    pub licenses: String,
    /// Shows who.
    pub address: String,
    /// It is shown.
    pub current: bool,
}

/// GET `/free-up`.
#[derive(Template)]
#[template(path = "users/free_up.html")]
pub struct FreeUpPage {
    chrome: Chrome,
    notice: Option<Notice>,
    problems: Problems,
    lede: String,
    offers: Vec<Offer>,
    /// Counts all whom the reason concerns, where there are more than are counted otherwise.
    count_all: Option<String>,
    heading: String,
    search: String,
    organisation: Choice,
    /// For how long they have not signed in, where that is the reason.
    days: Option<Field>,
    narrowed: bool,
    clear: String,
    kept: Pairs,
    rows: Vec<Row>,
    paging: Paging,
    picked: Picked,
}

/// What is needed of the query beside the list's own.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct FreeUpQuery {
    done: String,
}

struct Found {
    filter: Filter,
    reason: Reason,
    counts: Vec<(Reason, Total)>,
    rows: Vec<Listed>,
    total: Total,
    active: i64,
    organisations: Vec<Offered>,
    notice: Option<Notice>,
}

/// GET `/free-up`: who could give a license back, and what that would free.
pub async fn free_up(
    by: Allowed<Enrol>,
    Asked(list): Asked<ListQuery>,
    Asked(query): Asked<FreeUpQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (now, asking, asked) = (state.clock.now(), by.clone(), list.clone());
    let found = state.database.read(move |conn| find(conn, &asking, &asked, &query.done, now)).await?;
    if found.rows.is_empty() && list.page().number > 1 {
        return Err(AppError::NotFound);
    }
    page::ok(&FreeUpPage::new(found, &list, &by, now)?)
}

fn find(
    conn: &mut PgConnection,
    by: &Allowed<Enrol>,
    list: &ListQuery,
    done: &str,
    now: DateTime<Utc>,
) -> Result<Found, AppError> {
    let asked = list.filter();
    let reason = Reason::of(list);
    let not_seen = if let Reason::NotSeen(days) = reason { days } else { USUAL_DAYS };
    let ground = Ground::of(conn, by, asked.organisation, now)?;
    let mut counts = Vec::new();
    for other in [Reason::Completed, Reason::NeverOpened, Reason::NotSeen(not_seen)] {
        let filter = other.filter(&asked);
        let matching = || queries::matching(&ground, &filter);
        let counted = queries::counted(conn, matching)?;
        let to_the_end = other.is(reason) && list.counts_all();
        let counted = if to_the_end { queries::exactly(conn, counted, matching())? } else { counted };
        counts.push((other, counted));
    }
    let counted = counts.iter().find(|(other, _)| other.is(reason)).map(|(_, counted)| counted.clone());
    let counted = counted.unwrap_or(Total::Exact(0).into());
    let filter = reason.filter(&asked);
    let matching = || queries::matching(&ground, &filter);
    let sought = Sought { filter: &filter, ground: &ground, matching, counted: &counted };
    Ok(Found {
        rows: queries::page(conn, by, &sought, list.order(), list.page())?,
        active: queries::people(conn, by, asked.organisation, now)?.active,
        organisations: choices(conn, by, asked.organisation)?,
        notice: notice(conn, by, done)?,
        filter,
        reason,
        counts: counts.into_iter().map(|(reason, counted)| (reason, counted.total)).collect(),
        total: counted.total,
    })
}

impl FreeUpPage {
    fn new(found: Found, list: &ListQuery, by: &Allowed<Enrol>, now: DateTime<Utc>) -> Result<FreeUpPage, AppError> {
        let Found { filter, reason, counts, rows, total, active, organisations, notice } = found;
        let viewer = by.by().viewer();
        let selection: Selection = list.selection()?;
        let pairs = [queries::filter_pairs(&filter), queries::order_pairs(list.order())].concat();
        let ids: Vec<_> = rows.iter().map(|row| row.id.0).collect();
        let reason_only = reason.filter(&Filter::default());
        let own: Vec<_> = queries::filter_pairs(&reason_only);
        let counting: Vec<_> = list.counts_all().then(queries::counting_all).into_iter().collect();
        let pairs = [pairs, counting.clone()].concat();
        let count_all = matches!(total, Total::MoreThan(_)).then(|| {
            with_query("/free-up", [pairs.clone(), selection.pairs(), vec![queries::counting_all()]].concat())
        });
        let offers = counts
            .into_iter()
            .map(|(other, total)| Offer {
                words: other.words(),
                meaning: other.meaning(),
                licenses: total.words(),
                address: with_query("/free-up", queries::filter_pairs(&other.filter(&filter))),
                current: other.is(reason),
            })
            .collect();
        let days = if let Reason::NotSeen(days) = reason { Some(days) } else { None };
        let problems = match list.filter().not_seen {
            None if list.asks_for_not_seen() => Problems::one("signed_in", "Enter a number of days from 1 to 3,650."),
            _ => Problems::default(),
        };
        let mut kept: Vec<(&'static str, String)> =
            own.iter().filter(|(name, _)| *name != "signed_in").cloned().collect();
        kept.extend(queries::order_pairs(list.order()));
        kept.push(queries::from_free_up());
        kept.extend(counting);
        kept.extend(selection.elsewhere(&ids));
        Ok(FreeUpPage {
            chrome: Chrome::new(&problems.title("Free up licenses"), viewer, Section::FreeUp),
            notice,
            lede: format!(
                "{} in use now. Expiring all enrolments of somebody frees the license and keeps the account and the records.",
                crate::web::format::counted(active.unsigned_abs(), "license is", "licenses are")
            ),
            offers,
            count_all,
            heading: reason.words(),
            narrowed: filter.organisation.is_some() || !filter.search.is_empty(),
            clear: with_query("/free-up", own),
            search: filter.search.clone(),
            organisation: organisation_choice(&organisations, &filter),
            days: days.map(|days| {
                Field::new("signed_in", "Days without signing in", &days.to_string())
                    .kind("number")
                    .required()
                    .with(&problems)
            }),
            problems,
            kept: Pairs(kept),
            paging: Paging::new(
                "/free-up",
                &pairs,
                list.page().number,
                PAGE_SIZE,
                total,
                list::Shown::new(&ids),
                &selection,
            ),
            picked: Picked::new(
                "/free-up",
                &[pairs.clone(), vec![queries::from_free_up()]].concat(),
                &selection,
                total,
                &ids,
            ),
            rows: rows.into_iter().map(|row| Row::new(row, &selection, now, viewer.time_zone)).collect(),
        })
    }
}
