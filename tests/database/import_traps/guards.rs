//! Files that would delete people whom nobody meant to delete.

use chrono::Utc;
use headroom::db;
use headroom::domain::sync::guards::CannotSynchronize::{
    FilteredExport, NoRows, OtherExport, Strangers, UnfinishedExport,
};
use headroom::features::imports::commands::Applied;
use headroom::features::imports::queries::Kind;
use headroom::ids::UserId;
use headroom::people::{deletion, restoring};
use headroom::web::guards::{Allowed, DeleteUsers};

use super::{EAST, Place, Plan, Sheet, place};
use crate::support::builders;

/// Nobody is in the plan to be deleted, and applying it deletes nobody.
fn check_deletes_nobody(place: &Place, plan: &Plan) {
    let before = place.usernames();
    assert_eq!((plan.counts.deleted, place.people(plan, Kind::Delete)), (0, Vec::new()));
    assert_eq!(place.apply(plan), Applied::Done);
    let after = place.usernames();
    assert!(before.iter().all(|username| after.contains(username)), "{after:?}");
    assert_eq!(place.entries("user.deleted"), 0);
}

#[test]
fn a_file_with_a_header_only_deletes_nobody() {
    let place = place();
    for file in ["user_id,username,email,first_name,last_name\r\n", "username\r\n\r\n,\r\n"] {
        let plan = place.synchronize(file);
        assert_eq!(plan.objections(), [NoRows], "{file:?}");
        check_deletes_nobody(&place, &plan);
    }
}

#[test]
fn a_file_of_strangers_deletes_nobody() {
    let place = place();
    let plan = place.synchronize("username,email,first_name,last_name\r\nnobody,nobody@x.example,No,Body\r\n");
    assert_eq!((plan.figures(), plan.objections()), ([1, 0, 0, 0, 0], &[Strangers][..]));
    check_deletes_nobody(&place, &plan);
}

#[test]
fn the_export_of_a_filtered_list_deletes_nobody() {
    let place = place();
    let sheet = place.export_recorded(place.acme, false, true);
    let some = Sheet { rows: sheet.rows[..5].to_vec() };
    let plan = place.synchronize(some.csv());
    assert_eq!(plan.objections(), [FilteredExport]);
    check_deletes_nobody(&place, &plan);
    // one such row among others is enough
    let whole = place.export(place.acme).without("east-0");
    let mixed = Sheet { rows: whole.rows.into_iter().chain([sheet.rows[0].clone()]).collect() };
    assert!(place.synchronize(mixed.csv()).objections().contains(&FilteredExport));
}

/// The refused rows of an import come as a file with a column more, to be corrected: a few people of many.
#[test]
fn the_file_of_refused_rows_deletes_nobody() {
    let place = place();
    let rows = place.export(place.acme);
    let some: String = rows.rows.iter().take(3).map(|row| format!("{},{},\r\n", row[0], row[1])).collect();
    let plan = place.synchronize(format!("user_id,username,problem\r\n{some}"));
    assert_eq!(plan.objections(), [FilteredExport]);
    check_deletes_nobody(&place, &plan);
}

#[test]
fn the_export_of_another_organisation_deletes_nobody() {
    let place = place();
    let part = place.synchronize(place.export(place.east).csv());
    assert_eq!(part.objections(), [OtherExport]);
    check_deletes_nobody(&place, &part);
    let elsewhere = place.synchronize(place.export(place.globex).csv());
    assert!(elsewhere.objections().contains(&OtherExport), "{elsewhere:?}");
    check_deletes_nobody(&place, &elsewhere);
}

#[test]
fn an_export_that_was_cut_off_deletes_nobody() {
    let place = place();
    let plan = place.synchronize(place.export_recorded(place.acme, true, false).without("east-7").csv());
    assert_eq!(plan.objections(), [UnfinishedExport]);
    check_deletes_nobody(&place, &plan);
}

#[test]
fn a_file_that_ends_in_the_middle_of_a_row_deletes_nobody() {
    let place = place();
    let whole = place.export(place.acme).csv();
    let end = whole.rfind(",Acme").unwrap();
    let lines = whole.lines().count();
    let plan = place.synchronize(&whole[..end - 2]);
    let told = "The file ends in the middle of this row. Export or download it again; if the row is whole, add the missing \
                commas at its end";
    assert_eq!((plan.figures(), place.refused(&plan)), ([0, 0, 0, 0, 1], vec![format!("{lines} : {told}")]));
    check_deletes_nobody(&place, &plan);
}

#[test]
fn a_file_that_was_cut_off_between_two_rows_is_noticed() {
    let place = place();
    place.run("update instance_settings set import_threshold_percent = 100");
    let whole = place.export(place.acme);
    let (all, number) = (whole.rows.len(), 10);
    let file = Sheet { rows: whole.rows[..all - number].to_vec() }.csv();
    let plan = place.synchronize(&file);
    assert_eq!((plan.figures(), plan.counts.may_be_cut_off()), ([0, 0, number as u64, 0, 0], true));
    // nine, or with one of them in the file, or with one from before the end
    let others = [
        whole.rows[..all - number + 1].to_vec(),
        [&whole.rows[..all - number - 1], &whole.rows[all - 1..]].concat(),
        [&whole.rows[..3], &whole.rows[4..all - number], &whole.rows[all - number..all - 1]].concat(),
    ];
    for rows in others {
        let plan = place.synchronize(Sheet { rows }.csv());
        assert!(!plan.counts.may_be_cut_off(), "{:?}", plan.figures());
    }
    // a file without unique IDs too
    let names: String = whole.rows[..all - number].iter().map(|row| format!("{}\r\n", row[1])).collect();
    let by_name = place.synchronize(format!("username\r\n{names}"));
    assert_eq!((by_name.figures()[2], by_name.counts.may_be_cut_off()), (10, true));
    assert_eq!(place.apply(&plan), Applied::Done);
}

#[test]
fn a_refused_row_deletes_nobody() {
    let place = place();
    let plan = place.synchronize(place.export(place.acme).without("east-7").with("east-8", "email", "x").csv());
    assert_eq!(plan.figures(), [0, 0, 0, 0, 1]);
    check_deletes_nobody(&place, &plan);
}

#[test]
fn whoever_came_after_the_export_is_protected() {
    let place = place();
    let sheet = place.export(place.acme).without("east-0");
    builders::user(&mut place.conn(), Some(place.east), "newcomer");
    let plan = place.synchronize(sheet.csv());
    assert_eq!(place.protected(&plan), [("newcomer".to_owned(), "created_since".to_owned())]);
    assert_eq!((plan.figures(), place.apply(&plan)), ([0, 0, 1, 1, 0], Applied::Done));
    assert!(place.usernames().contains(&"newcomer".to_owned()) && !place.usernames().contains(&"east-0".to_owned()));
}

#[test]
fn without_an_export_whoever_came_after_the_upload_began_is_protected() {
    let place = place();
    place.run("update users set created_at = now() + interval '1 hour' where username = 'east-1'");
    let rows: Vec<_> = place.export(place.acme).without("east-0").without("east-1").rows;
    let file: String = rows.iter().map(|row| format!("{}\r\n", row[1])).collect();
    let plan = place.synchronize(format!("username\r\n{file}"));
    assert_eq!(place.protected(&plan), [("east-1".to_owned(), "created_since".to_owned())]);
    assert_eq!(plan.figures(), [0, 0, 1, 1, 0]);
}

#[test]
fn whoever_moved_in_after_the_export_is_protected_and_whoever_moved_within_is_not() {
    let place = place();
    let sheet = place.export(place.acme).without("east-0");
    place.moved("stranger", place.globex, place.east);
    place.moved("east-0", place.east, place.west);
    let plan = place.synchronize(sheet.csv());
    assert_eq!(place.protected(&plan), [("stranger".to_owned(), "moved_in_since".to_owned())]);
    assert_eq!(place.people(&plan, Kind::Delete), [("east-0".to_owned(), None)]);
}

#[test]
fn whoever_was_restored_after_the_export_is_protected() {
    let place = place();
    let (by, now) = (place.by(place.admin), Utc::now());
    let by = Allowed::<DeleteUsers>::new(by.by().clone()).unwrap();
    let ids = ["east-0", "east-1"].map(|name| UserId(place.id_of(name)));
    let conn = &mut place.conn();
    db::write(conn, &by.by().actor(), |conn| deletion::delete_users(conn, &by, &ids, now, &|_| {})).unwrap().unwrap();
    let sheet = place.export(place.acme).without("east-2");
    db::write(conn, &by.by().actor(), |conn| restoring::restore_users(conn, &by, &ids[..1], now)).unwrap().unwrap();
    let plan = place.synchronize(sheet.csv());
    assert_eq!(place.protected(&plan), [("east-0".to_owned(), "created_since".to_owned())]);
    assert_eq!(place.people(&plan, Kind::Delete), [("east-2".to_owned(), None)]);
    // whoever was back before the export is missing from it like anybody else
    place.run("update exports set complete_until = now() + interval '1 second'");
    let later = sheet.rows.into_iter().map(|row| [&row[..10], &[String::new(), row[11].clone()]].concat());
    let plan = place.synchronize(Sheet { rows: later.collect() }.csv());
    assert_eq!(place.people(&plan, Kind::Delete).len(), 2);
}

#[test]
fn whoever_runs_it_is_protected() {
    let place = place();
    let plan = place.synchronize(place.export(place.acme).without("admin").csv());
    assert_eq!(place.protected(&plan), [("admin".to_owned(), "yourself".to_owned())]);
    assert_eq!(place.apply(&plan), Applied::Done);
    assert!(place.usernames().contains(&"admin".to_owned()));
}

#[test]
fn the_last_org_admin_of_an_organisation_is_protected() {
    let place = place();
    let conn = &mut place.conn();
    builders::grant(conn, place.id_of("east-0"), "org_admin", Some(place.east));
    builders::grant(conn, place.id_of("top-0"), "org_admin", Some(place.acme));
    // Acme keeps another one, East would be left without
    let plan = place.synchronize(place.export(place.acme).without("east-0").without("top-0").csv());
    assert_eq!(place.protected(&plan), [("east-0".to_owned(), "last_org_admin".to_owned())]);
    assert_eq!(place.people(&plan, Kind::Delete), [("top-0".to_owned(), None)]);
}

/// Everybody but so many of the thirty.
fn leaving(place: &Place, count: usize) -> Plan {
    let sheet = (0..count).fold(place.export(place.acme), |sheet, number| sheet.without(&format!("east-{number}")));
    place.synchronize(sheet.csv())
}

#[test]
fn more_than_ten_percent_have_to_be_typed_and_ten_percent_have_not() {
    let place = place();
    let more = leaving(&place, 4);
    assert_eq!((more.counts.deleted, more.counts.in_scope), (4, 30));
    for typed in [None, Some(3), Some(30)] {
        assert_eq!(place.apply_typed(&more, typed), Applied::TypeFirst(4), "{typed:?}");
    }
    assert!(place.usernames().contains(&"east-0".to_owned()));
    assert_eq!(place.apply_typed(&leaving(&place, 3), None), Applied::Done);
    assert_eq!(place.usernames().iter().filter(|username| username.starts_with("east")).count(), EAST - 3);
}
