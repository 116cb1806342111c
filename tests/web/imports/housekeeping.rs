//! What is kept of imports, and for how long.

use headroom::jobs::housekeeping::tidy;
use headroom::jobs::imports::{ROWS_AT_ONCE, forget_import};
use headroom::schema::{import_plan, import_rows};

use super::*;

fn piece(place: &Place, of: Uuid, at: &str) {
    diesel::sql_query(
        "insert into import_pieces (import_id, number, uploaded_at, bytes) values ($1, 0, $2::timestamptz, 'x')",
    )
    .bind::<SqlUuid, _>(of)
    .bind::<diesel::sql_types::Text, _>(at)
    .execute(&mut place.conn())
    .unwrap();
}

fn tidied(place: &Place) {
    tidy(&mut place.conn(), place.app.clock.now()).unwrap();
}

#[test]
fn pieces_of_an_upload_that_came_to_nothing_go_after_a_day() {
    let place = place();
    piece(&place, Uuid::now_v7(), "2026-11-23T11:00:00Z");
    piece(&place, Uuid::now_v7(), "2026-11-23T13:00:00Z");
    tidied(&place);
    assert_eq!(place.pieces().len(), 1, "the other may still be on its way");
}

#[test]
fn an_import_that_nobody_answered_or_that_got_stuck_goes_and_one_that_is_worked_on_stays() {
    let place = place();
    let admin = place.app.signed_in("admin");
    let file: [Part<'_>; 1] = [("file", Some("people.csv"), b"username,email\r\nada,ada@people.example\r\n")];
    let [stuck, waiting] = [0, 1].map(|_| {
        let address = location(&upload(&admin, &file));
        address.strip_prefix("/imports/").unwrap().parse::<Uuid>().unwrap()
    });
    let unanswered = place.planned(false, &[row("new")]);
    let job = |of: Uuid, state: &'static str| {
        diesel::sql_query(
            "update jobs set state = $2, finished_at = case $2 when 'failed' then now() end
             where id = (select job_id from imports where id = $1)",
        )
        .bind::<SqlUuid, _>(of)
        .bind::<diesel::sql_types::Text, _>(state)
        .execute(&mut place.conn())
        .unwrap();
    };
    job(stuck, "failed");
    let states = || [stuck, waiting, unanswered].map(|id| place.state(id));
    place.app.set_time("2026-12-01T11:59:00Z");
    tidied(&place);
    assert_eq!(states(), ["reading", "reading", "planned"]);
    place.app.set_time("2026-12-01T12:01:00Z");
    tidied(&place);
    assert_eq!(states(), ["cancelled", "reading", "cancelled"]);
    assert_eq!(place.pieces().len(), 1, "a job reads the other one yet");
    let rows: i64 = import_rows::table.count().get_result(&mut place.conn()).unwrap();
    let plans: i64 = import_plan::table.count().get_result(&mut place.conn()).unwrap();
    assert_eq!((rows, plans, place.entries("import.cancelled")), (0, 0, 2));
    job(waiting, "failed");
    tidied(&place);
    assert_eq!((states()[1].as_str(), place.pieces().len()), ("cancelled", 0));
    let admin = place.app.signed_in("admin");
    assert_eq!(page(&admin, stuck).text("h1"), "Cancelled");
}

#[test]
fn what_is_dropped_goes_in_steps_and_nobody_confirms_a_plan_that_lacks_people() {
    let place = place();
    place.planned(false, &[row("more")]);
    let many = place.planned(false, &[row("new")]);
    diesel::sql_query(
        "insert into import_rows (import_id, line, username)
         select $1, 10 + n, 'row-' || n from generate_series(1, $2) n",
    )
    .bind::<SqlUuid, _>(many)
    .bind::<BigInt, _>(ROWS_AT_ONCE)
    .execute(&mut place.conn())
    .unwrap();
    place.app.set_time("2026-12-01T12:01:00Z");
    let now = place.app.clock.now();
    let step = || {
        let conn = &mut place.conn();
        let more = forget_import(conn, now).unwrap();
        let left: i64 = import_rows::table.filter(import_rows::import_id.eq(many)).count().get_result(conn).unwrap();
        (more, left, place.state(many))
    };
    assert_eq!(step(), (true, ROWS_AT_ONCE + 1, "planned".to_owned()), "the older one first");
    assert_eq!(step(), (true, 1, "cancelled".to_owned()));
    assert_eq!(step(), (true, 0, "cancelled".to_owned()));
    assert_eq!((step().0, place.entries("import.cancelled")), (false, 2));
}

#[test]
fn the_file_of_an_import_goes_with_the_last_chance_to_undo_it_and_the_list_still_tells_of_it() {
    let place = place();
    let [applied, waiting] = [place.planned(false, &[row("new")]), place.planned(false, &[row("more")])];
    let admin = place.app.signed_in("admin");
    location(&confirm(&admin, applied, &[]));
    piece(&place, applied, "2026-11-24T12:00:00Z");
    let kept = || {
        let conn = &mut place.conn();
        let rows: i64 = import_rows::table.count().get_result(conn).unwrap();
        let plans: i64 = import_plan::table.count().get_result(conn).unwrap();
        (rows, plans, place.pieces().len())
    };
    place.app.set_time("2026-12-01T11:59:00Z");
    tidied(&place);
    assert_eq!(kept(), (2, 2, 1));
    place.app.set_time("2026-12-01T12:01:00Z");
    tidied(&place);
    assert_eq!(kept(), (0, 0, 0));
    assert_eq!(place.state(waiting), "cancelled", "nobody can say any more what it would do");
    assert_eq!(place.entries("import.cancelled"), 1);
    let admin = place.app.signed_in("admin");
    assert_eq!(admin.page("/imports").rows().len(), 2);
    assert_eq!(page(&admin, applied).text("h1"), "1 user added");
    tidied(&place);
    assert_eq!(place.entries("import.cancelled"), 1);
}
