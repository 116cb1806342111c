//! One import, in whatever state it is, and its refused rows as a file.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::Deserialize;

use crate::app::AppState;
use crate::db::stream::each_batch;
use crate::error::AppError;
use crate::features::imports::commands::Outcome;
use crate::features::imports::pages::panel::Opened;
use crate::features::imports::pages::preview::{Planned, PreviewPage};
use crate::features::imports::pages::refused_csv::File;
use crate::features::imports::pages::result::{Applied, ResultPage};
use crate::features::imports::pages::rows::{ROWS, Show, Shown};
use crate::features::imports::pages::told::Told;
use crate::features::imports::pages::waiting::WaitingPage;
use crate::features::imports::planning::Counts;
use crate::features::imports::queries::{self, Import, Kind, RefusedCells, State};
use crate::features::licenses::queries_what_if;
use crate::ids::ImportId;
use crate::web::download;
use crate::web::form::Asked;
use crate::web::guards::{Allowed, Import as MayImport};
use crate::web::page;
use crate::web::pager::page_number;
use crate::web::selection::{Selection, SelectionQuery};

/// How many of those who go are named beside the button.
const SAMPLE: u32 = 5;

/// The query of an import's page.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ShowQuery {
    /// Which people of a plan.
    #[serde(default)]
    show: String,
    /// Part of a name.
    #[serde(default)]
    q: String,
    /// Which cause of refused rows, counted from 1.
    cause: Option<String>,
    page: Option<String>,
    /// Ticked people.
    #[serde(default)]
    ids: Vec<String>,
    /// The audit entry of what was just done, or "nothing".
    #[serde(default)]
    done: String,
}

impl ShowQuery {
    fn search(&self) -> String {
        self.q.trim().to_owned()
    }

    fn number(&self) -> u32 {
        page_number(self.page.as_deref())
    }

    fn ticked(&self) -> Result<Selection, AppError> {
        Selection::parse(&SelectionQuery { ids: self.ids.clone(), all: String::new() })
    }
}

/// GET `/imports/{import_id}`.
pub async fn show(
    by: Allowed<MayImport>,
    path: web::Path<String>,
    Asked(query): Asked<ShowQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (id, now) = (page::id(&path)?, state.clock.now());
    let told = match query.done.as_str() {
        "" => Told::Nothing,
        done => {
            let (asking, done) = (by.clone(), done.to_owned());
            state.database.read(move |conn| just_done(conn, &asking, id, &done, now)).await?
        }
    };
    answer(StatusCode::OK, &by, id, query, told, &state).await
}

/// What was just done, as the audit log has it: an address can be made up.
fn just_done(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    id: ImportId,
    done: &str,
    now: DateTime<Utc>,
) -> Result<Told, AppError> {
    let import = queries::import(conn, by, id)?;
    Ok(match done.parse() {
        Ok(entry) => queries::restored(conn, by, &import, entry)?.map_or(Told::Nothing, Told::Restored),
        Err(_) if done == "nothing" && queries::restorable(conn, &import, "", 1, 1, now)?.is_empty() => {
            Told::NobodyLeft
        }
        Err(_) => Told::Nothing,
    })
}

/// An import by its state, as it is now.
enum Found {
    Waiting(Box<Import>),
    Planned(Box<Planned>),
    Applied(Box<Applied>),
}

/// The import's page, with what is to be told above it.
pub async fn answer(
    status: StatusCode,
    by: &Allowed<MayImport>,
    id: ImportId,
    query: ShowQuery,
    told: Told,
    state: &AppState,
) -> Result<HttpResponse, AppError> {
    let (asking, now) = (by.clone(), state.clock.now());
    let found = state
        .database
        .read(move |conn| {
            let import = queries::import(conn, &asking, id)?;
            Ok(match (import.state(), import.counts(), import.outcome()) {
                (State::Planned, Some(counts), _) => {
                    let planned = planned(conn, &asking, import, counts, &query, now)?;
                    Found::Planned(Box::new(planned))
                }
                (State::Applied, _, Some(outcome)) => {
                    Found::Applied(Box::new(applied(conn, &asking, import, outcome, &query, now)?))
                }
                _ => Found::Waiting(Box::new(import)),
            })
        })
        .await?;
    let viewer = by.by().viewer();
    match found {
        Found::Waiting(import) => page::html(status, &WaitingPage::new(viewer, &import, &told)),
        Found::Planned(planned) => page::html(status, &PreviewPage::new(viewer, *planned, &told, now)),
        Found::Applied(applied) => page::html(status, &ResultPage::new(viewer, *applied, &told, now)),
    }
}

fn planned(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    import: Import,
    counts: Counts,
    query: &ShowQuery,
    now: DateTime<Utc>,
) -> Result<Planned, AppError> {
    let opened = match Show::from_code(&query.show).or_else(|| Show::usual(&counts)) {
        Some(show) => Some(opened(conn, by, &import, &counts, show, query)?),
        None => None,
    };
    let sample = if counts.deleted > 0 {
        queries::plan_rows(conn, by, &import, Kind::Delete, "", 1, SAMPLE)?
    } else {
        Vec::new()
    };
    let sample = sample.into_iter().map(|row| row.name).collect();
    let what_if = if counts.deleted + counts.changed > 0 {
        queries_what_if::when_an_import_is_applied(conn, by, import.id, import.organisation_id, now)?
    } else {
        None
    };
    let what_if = what_if.map(|what_if| what_if.view());
    Ok(Planned { limits: queries::limits(conn)?, import, counts, opened, sample, what_if })
}

/// A page of the people or rows behind a figure.
fn opened(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    import: &Import,
    counts: &Counts,
    show: Show,
    query: &ShowQuery,
) -> Result<Opened, AppError> {
    let (search, number) = (query.search(), query.number());
    let cause = query.cause.as_deref().and_then(|number| number.parse().ok()).filter(|_| show == Show::Refused);
    let chosen = cause.and_then(|number: usize| counts.causes.get(number.checked_sub(1)?));
    let shown = match show {
        Show::Refused => Shown::Refused(queries::refused(conn, import, chosen, number, ROWS)?),
        Show::People(kind) => {
            let rows = queries::plan_rows(conn, by, import, kind, &search, number, ROWS)?;
            let paths = queries::paths(conn, by, rows.iter().flat_map(Shown::organisations_of).collect())?;
            Shown::People(rows, paths)
        }
    };
    if shown.is_empty() && number > 1 {
        return Err(AppError::NotFound);
    }
    Ok(Opened { show, cause: cause.filter(|_| chosen.is_some()), search, number, shown })
}

/// With a figure that was asked for, search and page are of the people behind it, else of those who can be restored.
fn applied(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    import: Import,
    outcome: Outcome,
    query: &ShowQuery,
    now: DateTime<Utc>,
) -> Result<Applied, AppError> {
    let (asked_for, unasked) = (Show::from_code(&query.show), ShowQuery::default());
    let (of_figure, of_list) = if asked_for.is_some() { (query, &unasked) } else { (&unasked, query) };
    let (search, number) = (of_list.search(), of_list.number());
    let rows = queries::restorable(conn, &import, &search, number, ROWS, now)?;
    if rows.is_empty() && number > 1 {
        return Err(AppError::NotFound);
    }
    let left = queries::left_to_restore(conn, &import, now)?;
    let counts = import.counts().filter(|_| import.is_kept());
    // whoever looks for people to restore looks for nobody else
    let restoring = !search.is_empty() || number > 1 || !query.ids.is_empty();
    let usual = |counts: &Counts| Show::usual_afterwards(counts, left > 0).filter(|_| !restoring);
    let show = |counts: &Counts| asked_for.or_else(|| usual(counts));
    let opened = match counts.as_ref().and_then(|counts| Some((counts, show(counts)?))) {
        Some((counts, show)) => Some(opened(conn, by, &import, counts, show, of_figure)?),
        None => None,
    };
    let entry = queries::applied_entry(conn, &import)?;
    Ok(Applied { import, outcome, counts, opened, entry, rows, left, search, number, ticked: query.ticked()? })
}

/// GET `/imports/{import_id}/refused.csv`: to be corrected and uploaded again.
pub async fn refused_rows(
    by: Allowed<MayImport>,
    path: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let id = page::id(&path)?;
    let body = state
        .database
        .stream(move |conn, pieces| {
            let import = queries::import(conn, &by, id)?;
            let mut file = File::begin(pieces, &import.reading())?;
            each_batch(
                conn,
                queries::refused_cells(&import),
                "fetch 2000 from refused_rows",
                |rows: Vec<RefusedCells>| rows.iter().try_for_each(|row| file.line(row)),
            )?;
            file.end()
        })
        .await?;
    Ok(download::csv("refused-rows.csv", body))
}
