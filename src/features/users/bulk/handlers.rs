//! A change of many users: its page shows what it would do, and then it is done. With GET the values
//! come in the address, so that each step can be gone back to and needs no script.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};

use super::change::Change;
use super::commands::{self, Applied, Changes, Request};
use super::forms::ChangeForm;
use super::pages::BulkPage;
use super::queries;
use crate::app::AppState;
use crate::error::AppError;
use crate::features::users::queries::ListQuery;
use crate::jobs::work::{self, Payload, Work};
use crate::people::gone::{looked_at, or_moved};
use crate::web::form::{self, Problems};
use crate::web::guards::Allowed;
use crate::web::looked::Looked;
use crate::web::page;
use crate::web::pager::with_query;

/// GET: chooses the values and shows the effect.
pub async fn form<C: Changes>(
    by: Allowed<C::By>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let query = request.query_string().as_bytes();
    let (list, form): (ListQuery, ChangeForm) = (form::parse(query)?, form::parse(query)?);
    list.understood()?;
    show::<C>(&state, by, list, form, Answer::Asked).await
}

/// POST: does it.
pub async fn apply<C: Changes>(
    by: Allowed<C::By>,
    body: web::Bytes,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (list, form): (ListQuery, ChangeForm) = (form::parse(&body)?, form::parse(&body)?);
    list.understood()?;
    let now = state.clock.now();
    let (asking, typed) = (by.clone(), form.clone());
    let parsed = state.database.read(move |conn| typed.change(conn, &asking, C::KIND, now)).await?;
    let change = match parsed {
        Ok(change) => change,
        Err(problems) => return show::<C>(&state, by, list, form, Answer::Wrong(problems)).await,
    };
    if form.previewed.as_ref().is_some_and(|previewed| *previewed != change.key()) {
        return show::<C>(&state, by, list, form, Answer::Other).await;
    }
    // without a fingerprint nobody has seen what it does
    let Some(Looked { fingerprint, at: since }) = form.looked() else {
        return show::<C>(&state, by, list, form, Answer::Unseen).await;
    };
    let (leave_out, confirmed) = (form.leaves_out(), form.confirmed());
    let request = Request { list: list.clone(), leave_out, seen: Some(fingerprint), confirmed };
    let actor = by.by().actor();
    let (asking, wanted, looked) = (by.clone(), request.clone(), looked_at(since, now));
    let as_seen =
        state.database.read(move |conn| queries::as_seen(conn, &asking, &wanted, C::KIND, looked, now)).await?;
    let Some(count) = as_seen else { return show::<C>(&state, by, list, form, Answer::Moved(looked)).await };
    if is_for_later(count, change, &request) {
        let back = with_query("/users", list.pairs());
        let payload = Payload::new(Work::ChangeUsers { request, change }, by.by(), back);
        let person = by.by().viewer().id;
        let job = state.database.write(actor, move |conn| payload.enqueue(conn, person, count, now)).await?;
        state.work_waits();
        return Ok(page::see_other(&format!("/jobs/{job}")));
    }
    let acting = by.clone();
    let applied = state
        .database
        .write(actor, move |conn| commands::apply::<C>(conn, &acting, &request, change, now, &|_| {}))
        .await;
    let back = |done: String| page::see_other(&with_query("/users", [list.pairs(), vec![("done", done)]].concat()));
    match or_moved(applied, Applied::Moved)? {
        Applied::Done(entry) => Ok(back(entry.to_string())),
        Applied::Nothing => Ok(back("nothing".to_owned())),
        Applied::Moved => show::<C>(&state, by, list, form, Answer::Moved(looked)).await,
        Applied::Refused(problems) => show::<C>(&state, by, list, form, Answer::Wrong(problems)).await,
    }
}

/// So many that nobody waits for it. Without the right number, which has to be typed, it is refused at once instead.
fn is_for_later(count: usize, change: Change, request: &Request) -> bool {
    count >= work::FROM && (change != Change::Delete || request.confirmed == Some(count as u64))
}

/// Why the page is shown.
#[derive(Debug, Clone)]
enum Answer {
    /// It was asked for.
    Asked,
    /// The values are others than those whose effect was shown.
    Other,
    /// Nothing says that any effect was shown.
    Unseen,
    /// Something is wrong with what was typed or selected.
    Wrong(Problems),
    /// Somebody else was faster, since this time.
    Moved(DateTime<Utc>),
}

async fn show<C: Changes>(
    state: &AppState,
    by: Allowed<C::By>,
    list: ListQuery,
    form: ChangeForm,
    answer: Answer,
) -> Result<HttpResponse, AppError> {
    let (now, asking) = (state.clock.now(), by.clone());
    let recheck = matches!(answer, Answer::Other | Answer::Unseen);
    let (moved_since, mut problems, mut status) = match answer {
        Answer::Asked | Answer::Other => (None, Problems::default(), StatusCode::OK),
        Answer::Unseen => (None, Problems::default(), StatusCode::CONFLICT),
        Answer::Wrong(problems) => (None, problems, StatusCode::UNPROCESSABLE_ENTITY),
        Answer::Moved(since) => (Some(since), Problems::default(), StatusCode::CONFLICT),
    };
    let proposed =
        state.database.read(move |conn| queries::propose(conn, &asking, C::KIND, list, form, moved_since, now)).await?;
    if status == StatusCode::OK && !proposed.wrong.is_empty() {
        (problems, status) = (proposed.wrong.clone(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let mut page = BulkPage::new(C::KIND, proposed, problems, by.by().viewer(), now)?;
    page.recheck = recheck && page.problems.is_empty();
    page::html(status, &page)
}
