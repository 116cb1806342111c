//! Holidays: by hand and from calendar files.

use diesel::prelude::*;
use headroom::schema::holidays;
use reqwest::blocking::multipart::{Form, Part};

use crate::support::app::{Page, TestApp, Visitor};
use crate::support::builders::{self, date};

fn place() -> TestApp {
    let app = TestApp::start();
    builders::person(&mut app.conn(), None, "instance", Some(("instance_admin", None)));
    app
}

fn upload(visitor: &Visitor<'_>, file: &[u8]) -> Page {
    let form = Form::new().part("file", Part::bytes(file.to_vec()).file_name("holidays.ics"));
    let sent = visitor.post_request("/settings/holidays/file").header("sec-fetch-site", "same-origin").multipart(form);
    let response = sent.send().unwrap();
    match response.headers().get("location") {
        Some(address) => visitor.page(address.to_str().unwrap()),
        None => Page::of(response),
    }
}

fn days(app: &TestApp) -> Vec<String> {
    let all: Vec<chrono::NaiveDate> =
        holidays::table.order(holidays::day).select(holidays::day).load(&mut app.conn()).unwrap();
    all.into_iter().map(|day| day.to_string()).collect()
}

#[test]
fn a_holiday_is_added_and_removed() {
    let app = place();
    let instance = app.signed_in("instance");
    assert_eq!(instance.page("/settings/holidays").text(".empty h2"), "No holiday in 2026");
    let christmas = [("day", "2026-12-25"), ("name", "Christmas Day")];
    assert_eq!(instance.post("/settings/holidays", &christmas).status(), 303);
    let again = instance.post("/settings/holidays", &christmas);
    assert_eq!(again.headers()["location"], "/settings/holidays?year=2026&saved=known");
    assert_eq!(instance.page("/settings/holidays").rows(), [["25 Dec 2026", "Friday", "Christmas Day", "Remove"]]);
    let page = Page::of(instance.post("/settings/holidays", &[("day", "25.12."), ("name", "")]));
    assert_eq!(
        (page.status, page.attributes(".problems a", "href")),
        (422, vec!["#day".to_owned(), "#name".to_owned()])
    );
    assert_eq!(instance.post("/settings/holidays/remove", &[("day", "2026-12-25")]).status(), 303);
    assert!(days(&app).is_empty());
}

/// As calendars are published: folded lines, days with an end, several days, yearly, and what is no holiday.
const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n\
    BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227\r\nSUMMARY:Christmas and\r\n  Boxing Day\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:2\r\nDTSTART;VALUE=DATE:20200101\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:New Year\\, at last\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:3\r\nDTSTART:20261201T090000Z\r\nDTEND:20261201T100000Z\r\nSUMMARY:A meeting\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:4\r\nDTSTART;VALUE=DATE:20261201\r\nRRULE:FREQ=DAILY\r\nSUMMARY:Every day\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:5\r\nDTSTART;VALUE=DATE:20240506\r\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=1MO\r\nSUMMARY:Early May\r\nEND:VEVENT\r\n\
    END:VCALENDAR\r\n";

#[test]
fn a_calendar_file_adds_its_all_day_events() {
    let app = place();
    diesel::insert_into(holidays::table)
        .values((holidays::day.eq(date("2026-12-25")), holidays::name.eq("Christmas Day")))
        .execute(&mut app.conn())
        .unwrap();
    let instance = app.signed_in("instance");
    let page = upload(&instance, CALENDAR.as_bytes());
    assert_eq!(page.text(".notice.done h2"), "7 holidays are added");
    assert_eq!(
        page.text(".notice.done p"),
        "1 day was known before. 2 events were not taken: only all-day events are, once or every year."
    );
    let again = upload(&instance, CALENDAR.as_bytes()).text(".notice.done p");
    assert!(again.starts_with("8 days were known before."), "{again}");
    let expected = [
        "2026-01-01",
        "2026-05-04",
        "2026-12-25",
        "2026-12-26",
        "2027-01-01",
        "2027-05-03",
        "2028-01-01",
        "2028-05-01",
    ];
    assert_eq!(days(&app), expected);
    let names: Vec<String> =
        instance.page("/settings/holidays?year=2026").rows().into_iter().map(|row| row[2].clone()).collect();
    assert_eq!(names, ["New Year, at last", "Early May", "Christmas Day", "Christmas and Boxing Day"]);
    assert_eq!(upload(&instance, CALENDAR.as_bytes()).text(".notice.done h2"), "0 holidays are added");
}

#[test]
fn a_file_that_is_no_calendar_or_too_large_changes_nothing() {
    let app = place();
    let instance = app.signed_in("instance");
    for file in ["", "day,name\n2026-12-25,Christmas\n", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART"] {
        let page = upload(&instance, file.as_bytes());
        assert_eq!((page.status, page.attributes(".problems a", "href")), (422, vec!["#file".to_owned()]), "{file}");
    }
    let large = format!("{CALENDAR}{}", " ".repeat(1_100_000));
    assert_eq!(upload(&instance, large.as_bytes()).status, 422);
    assert!(days(&app).is_empty());
}

#[test]
fn an_event_of_a_century_of_leap_days_ends() {
    let app = place();
    let instance = app.signed_in("instance");
    let file = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:19040229\r\n\
        RRULE:FREQ=YEARLY\r\nSUMMARY:Leap\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    upload(&instance, file.as_bytes());
    assert_eq!(days(&app), ["2028-02-29"]);
}
