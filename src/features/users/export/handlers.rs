//! GET `/users.csv`.

use actix_web::{HttpResponse, web};

use super::commands::{self, Begun};
use super::file::File;
use super::queries;
use crate::app::AppState;
use crate::error::AppError;
use crate::features::users::queries::ListQuery;
use crate::web::download;
use crate::web::form::Asked;
use crate::web::guards::{Allowed, SeeUsers};

/// GET `/users.csv`: EXPORT TO CSV, with the query of the list.
pub async fn export(
    by: Allowed<SeeUsers>,
    Asked(list): Asked<ListQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    // before the rows are looked up: whoever joins in between is in the file, and new all the same
    let now = state.clock.now();
    let (actor, zone) = (by.by().actor(), by.by().viewer().time_zone);
    let asking = by.clone();
    let Begun { id, organisation, wanted } =
        state.database.write(actor.clone(), move |conn| commands::begin(conn, &asking, &list, now)).await?;
    let name = match &organisation {
        Some(organisation) => download::slug(&organisation.name),
        None => "all".to_owned(),
    };
    let separator = if name.is_empty() { "" } else { "-" };
    let file_name = format!("users{separator}{name}-{}.csv", now.with_timezone(&zone).date_naive());

    let (clock, about) = (state.clock.clone(), organisation.map(|organisation| organisation.id));
    let body = state
        .database
        .stream_and_record(
            actor,
            move |conn, pieces| {
                let mut file = File::begin(pieces, now, id)?;
                queries::rows(conn, &by, &wanted, now, |row| file.row(row))?;
                file.end()
            },
            move |conn, users| commands::finish(conn, id, about, *users, clock.now()),
        )
        .await?;
    Ok(download::csv(&file_name, body))
}
