//! What is kept of imports, and for how long.

use headroom::jobs::housekeeping::tidy;
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
fn the_file_of_an_import_goes_with_the_last_chance_to_undo_it_and_the_list_still_tells_of_it() {
    let place = place();
    let [applied, waiting] = [place.planned(false, &[row("new")]), place.planned(false, &[row("more")])];
    let admin = place.app.signed_in("admin");
    location(&post(&admin, applied, "confirm", &[]));
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
