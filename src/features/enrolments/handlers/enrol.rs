//! Enrol users: pick people, choose the dates and see what it does, enrol.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use serde::Deserialize;

use crate::app::AppState;
use crate::error::AppError;
use crate::features::enrolments::change::Dates;
use crate::features::enrolments::commands::{self, EnrolRequest, Enrolled};
use crate::features::enrolments::pages::enrol::{CheckPage, PickPage, Picking, Proposed, Typed};
use crate::features::enrolments::queries;
use crate::features::organisations::queries::choices;
use crate::features::users::queries::{self as users_queries, Ground, ListQuery, Sought, Still};
use crate::ids::UserId;
use crate::jobs::work::{self, Payload, Work};
use crate::people::gone::{at_most_a_day_before, or_moved};
use crate::web::form::{self, Asked, Problems};
use crate::web::guards::{Allowed, Enrol};
use crate::web::page;

/// GET `/experiences/{experience_id}/enrol`: who.
pub async fn pick(
    by: Allowed<Enrol>,
    path: web::Path<String>,
    Asked(list): Asked<ListQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (experience, now, asking) = (page::id(&path)?, state.clock.now(), by.clone());
    let selection = list.selection()?;
    let picking = state
        .database
        .read(move |conn| {
            let header = queries::header(conn, &asking, experience, now)?;
            let filter = list.filter();
            let ground = Ground::on(conn, &asking, filter.organisation, header.today, now)?;
            let matching = || queries::enrollable(&ground, &header, &filter);
            let counted = users_queries::counted(conn, matching)?;
            let sought = Sought { filter: &filter, ground: &ground, matching, counted: &counted };
            let rows = users_queries::page(conn, &asking, &sought, list.order(), list.page())?;
            let ids = rows.iter().map(|row| row.id).collect();
            let enrolled = queries::enrolled_among(conn, experience, ids)?;
            let organisations = choices(conn, &asking, filter.organisation)?;
            let total = counted.total;
            Ok(Picking { header, list, selection, total, rows, enrolled, organisations })
        })
        .await?;
    if picking.rows.is_empty() && picking.list.page().number > 1 {
        return Err(AppError::NotFound);
    }
    page::ok(&PickPage::new(picking, by.by().viewer()))
}

/// The dates as sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct DatesForm {
    starts_on: Option<String>,
    expires_on: String,
    due_on: String,
    /// The fingerprint of what the person saw.
    seen: Option<String>,
    /// The dates whose effect the person saw.
    previewed: Option<String>,
}

impl DatesForm {
    fn typed(&self, today: NaiveDate) -> Typed {
        Typed {
            starts_on: self.starts_on.clone().unwrap_or_else(|| today.to_string()),
            expires_on: self.expires_on.clone(),
            due_on: self.due_on.clone(),
        }
    }
}

impl Typed {
    /// What the effect that is shown is for.
    pub fn previewed(&self) -> String {
        [&self.starts_on, &self.expires_on, &self.due_on].map(|date| date.trim()).join(" ")
    }

    /// The dates, or what is wrong with them.
    fn dates(&self, today: NaiveDate) -> Result<Dates, Problems> {
        let mut problems = Problems::default();
        let mut read = |field, text: &str| match form::date(text) {
            Ok(date) => date,
            Err(problem) => {
                problems.add(field, problem);
                None
            }
        };
        let starts_on = read("starts_on", &self.starts_on).unwrap_or(today);
        let (expires_on, due_on) = (read("expires_on", &self.expires_on), read("due_on", &self.due_on));
        if expires_on.is_some_and(|end| end < starts_on) {
            problems.add("expires_on", "The last day of access lies before the first.");
        }
        if problems.is_empty() { Ok(Dates { starts_on, expires_on, due_on }) } else { Err(problems) }
    }
}

/// GET `/experiences/{experience_id}/enrol/check`: from when to when, and what it does.
pub async fn check(
    by: Allowed<Enrol>,
    path: web::Path<String>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let query = request.query_string().as_bytes();
    let (list, dates): (ListQuery, DatesForm) = (form::parse(query)?, form::parse(query)?);
    list.understood()?;
    show(&state, by, &path, list, dates, Answer::Asked).await
}

/// Why the page is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// It was asked for.
    Asked,
    /// The dates are others than those whose effect was shown.
    Other,
    /// Nothing says that any effect was shown.
    Unseen,
    /// What was typed is wrong.
    Wrong,
    /// Others match now, or the licenses have changed.
    Moved,
}

async fn show(
    state: &AppState,
    by: Allowed<Enrol>,
    path: &str,
    list: ListQuery,
    dates: DatesForm,
    answer: Answer,
) -> Result<HttpResponse, AppError> {
    let (experience, now, asking) = (page::id(path)?, state.clock.now(), by.clone());
    let proposed = state
        .database
        .read(move |conn| {
            let header = queries::header(conn, &asking, experience, now)?;
            let typed = dates.typed(header.today);
            let (dates, problems) = match typed.dates(header.today) {
                Ok(dates) => (dates, Problems::default()),
                Err(problems) => (Dates { starts_on: header.today, expires_on: None, due_on: None }, problems),
            };
            let Still { list, gone } = list.still(conn, &asking, at_most_a_day_before(now), now)?;
            let plan = queries::enrol_plan(conn, &asking, experience, &list, &dates, now)?;
            let enrolled = queries::enrolled_among(conn, experience, plan.people.clone())?;
            let others: Vec<UserId> = plan.people.iter().copied().filter(|id| !enrolled.contains_key(id)).collect();
            let is_over = |last: &&Option<NaiveDate>| last.is_some_and(|last| last < header.today);
            let expired = enrolled.values().filter(is_over).count() as u64;
            let recheck = matches!(answer, Answer::Other | Answer::Unseen);
            let sample = queries::names(conn, &others)?;
            let gone = gone.len() as u64;
            Ok(Proposed { header, list, typed, problems, dates, plan, sample, recheck, gone, expired })
        })
        .await?;
    let status = match answer {
        Answer::Asked if !proposed.problems.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        Answer::Asked | Answer::Other => StatusCode::OK,
        Answer::Wrong => StatusCode::UNPROCESSABLE_ENTITY,
        Answer::Unseen | Answer::Moved => StatusCode::CONFLICT,
    };
    page::html(status, &CheckPage::new(proposed, by.by().viewer(), answer == Answer::Moved)?)
}

/// POST `/experiences/{experience_id}/enrol`: does it.
pub async fn enrol(
    by: Allowed<Enrol>,
    path: web::Path<String>,
    body: web::Bytes,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (people, form): (ListQuery, DatesForm) = (form::parse(&body)?, form::parse(&body)?);
    people.understood()?;
    let (experience, now, asking) = (page::id(&path)?, state.clock.now(), by.clone());
    let header = state.database.read(move |conn| queries::header(conn, &asking, experience, now)).await?;
    let Ok(dates) = form.typed(header.today).dates(header.today) else {
        return show(&state, by, &path, people, form, Answer::Wrong).await;
    };
    if form.previewed.as_ref().is_some_and(|previewed| *previewed != form.typed(header.today).previewed()) {
        return show(&state, by, &path, people, form, Answer::Other).await;
    }
    if form.seen.as_deref().unwrap_or_default().is_empty() {
        return show(&state, by, &path, people, form, Answer::Unseen).await;
    }
    let list = people.clone();
    let (actor, request) = (by.by().actor(), EnrolRequest { experience, people, dates, seen: form.seen.clone() });
    let (asking, wanted) = (by.clone(), request.clone());
    let as_seen = state
        .database
        .read(move |conn| {
            let EnrolRequest { people, dates, seen, .. } = wanted;
            let Still { list, gone } = people.still(conn, &asking, at_most_a_day_before(now), now)?;
            let plan = queries::enrol_plan(conn, &asking, experience, &list, &dates, now)?;
            let is_as_seen = gone.is_empty() && seen.is_none_or(|seen| seen == plan.seen);
            Ok(is_as_seen.then_some(plan.people.len()))
        })
        .await?;
    // Once more when it is done; here, so that nobody waits in the background to be told.
    let Some(count) = as_seen else { return show(&state, by, &path, list, form, Answer::Moved).await };
    if count >= work::FROM {
        let back = format!("/experiences/{experience}/enrolments");
        let (payload, person) = (Payload::new(Work::Enrol { request }, by.by(), back), by.by().viewer().id);
        let job = state.database.write(actor, move |conn| payload.enqueue(conn, person, count, now)).await?;
        state.work_waits();
        return Ok(page::see_other(&format!("/jobs/{job}")));
    }
    let acting = by.clone();
    let enrolled = state.database.write(actor, move |conn| commands::enrol(conn, &acting, &request, now, &|_| {}));
    let done = match or_moved(enrolled.await, Enrolled::Moved)? {
        Enrolled::Done(entry) => entry.to_string(),
        Enrolled::Nothing => "nothing".to_owned(),
        Enrolled::Moved => return show(&state, by, &path, list, form, Answer::Moved).await,
    };
    Ok(page::see_other(&format!("/experiences/{experience}/enrolments?done={done}")))
}
