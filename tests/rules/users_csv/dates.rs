use headroom::domain::users_csv::{Cell, DateOrder};

use super::{record, refusals, rows, survey};

/// The file with these expiry dates.
fn file(dates: &[&str]) -> String {
    dates
        .iter()
        .enumerate()
        .fold("username;expires on\n".to_owned(), |file, (at, date)| format!("{file}u{at};{date}\n"))
}

fn days(dates: &[&str]) -> Vec<String> {
    let day = |cell: Cell<chrono::NaiveDate>| cell.value().map_or("-".to_owned(), |day| day.to_string());
    rows(file(dates))
        .into_iter()
        .map(|row| row.record.map_or("refused".to_owned(), |row| day(row.account_expires_on)))
        .collect()
}

#[test]
fn dates_that_can_be_read_in_one_way_are_read() {
    for written in [
        "2026-11-24",
        "2026/11/24",
        "2026-11-24 00:00:00",
        "2026-11-24T00:00:00",
        "24.11.2026",
        "24. 11. 2026",
        "24 Nov 2026",
        "24-Nov-2026",
        "24 November 2026",
        "24. November 2026",
        "Nov 24, 2026",
        "November 24 2026",
        "24.11.2026 00:00",
        "24/11/2026",
        "11/24/2026",
        "24-11-2026",
    ] {
        assert_eq!(days(&[written]), ["2026-11-24"], "{written}");
    }
    assert_eq!(days(&["2026-1-5", "5.1.2026", "05.01.2026", ""]), ["2026-01-05", "2026-01-05", "2026-01-05", "-"]);
    assert_eq!(days(&["3/3/2026"]), ["2026-03-03"]);
}

#[test]
fn what_is_no_date_is_refused() {
    for written in [
        "2026-02-29",
        "31.02.2026",
        "24.13.2026",
        "99/99/2026",
        "46350",
        "1899-12-31",
        "24/11-2026",
        "2026-11",
        "24 Nov",
        "24 Foo 2026",
        "0000-00-00",
        "12026-11-24",
        "2026-11-240",
        "24.11.2026x",
        "24.11.2026 25:00",
        "24.11.2026 noon",
        "13/13/2026",
        "--",
    ] {
        assert_eq!(
            refusals(file(&[written])),
            [format!("2 expires on: “{written}” is not a date like 2026-11-24")],
            "{written}"
        );
    }
}

#[test]
fn years_of_two_digits_and_times_are_refused_with_the_reason() {
    for written in ["24.11.26", "11/24/26", "24-Nov-26"] {
        assert!(refusals(file(&[written]))[0].contains("has a year of two digits"), "{written}");
    }
    assert!(refusals(file(&["2026-11-24 17:30"]))[0].contains("has a time of day"));
}

#[test]
fn one_date_of_the_file_tells_how_the_others_are_meant() {
    assert_eq!(days(&["3/4/2026", "24/11/2026"]), ["2026-04-03", "2026-11-24"]);
    assert_eq!(days(&["3/4/2026", "11/24/2026"]), ["2026-03-04", "2026-11-24"]);
    assert_eq!(days(&["3/4/2026", "3.4.2026"]), ["2026-04-03", "2026-04-03"]);
    // a column that is only for reading is evidence as well
    let row = record("username,created_at,expires on\nann,11/24/2025 09:00,3/4/2026\n");
    assert_eq!(row.account_expires_on.value().unwrap().to_string(), "2026-03-04");
}

#[test]
fn the_survey_says_in_which_order_dates_are() {
    for (dates, order) in [
        ([""; 2].as_slice(), DateOrder::Plain),
        (&["2026-11-24", "24 Nov 2026"], DateOrder::Plain),
        (&["3/4/2026"], DateOrder::Unclear),
        (&["3/4/2026", "24/11/2026"], DateOrder::DayFirst),
        (&["3/4/2026", "11/24/2026"], DateOrder::MonthFirst),
        (&["24/11/2026", "11/24/2026"], DateOrder::Contradictory),
    ] {
        assert_eq!(survey(file(dates).as_bytes()).date_order, order, "{dates:?}");
    }
}

#[test]
fn without_evidence_or_with_both_kinds_a_date_that_could_be_two_is_refused() {
    assert_eq!(
        refusals(file(&["3/4/2026", "2026-04-05"])),
        ["2 expires on: “3/4/2026” could be 3 Apr 2026 or 4 Mar 2026; write 2026-04-03 or 2026-03-04"]
    );
    assert_eq!(days(&["3/4/2026", "24/11/2026", "11/24/2026"]), ["refused", "2026-11-24", "2026-11-24"]);
}

#[test]
fn the_moment_of_an_export_is_read_from_a_spreadsheet_and_never_too_late() {
    for (written, others, expected) in [
        ("2026-11-24T15:04:05Z", "", "2026-11-24T15:04:05"),
        ("2026-11-24T15:04:05.678Z", "", "2026-11-24T15:04:05"),
        ("2026-11-24T17:04:05+02:00", "", "2026-11-24T15:04:05"),
        ("2026-11-24 15:04:05", "", "2026-11-24T15:04:05"),
        ("2026-11-24 17:04 +02:00", "", "2026-11-24T15:04:00"),
        ("24.11.2026 15:04", "", "2026-11-24T15:04:00"),
        ("24/11/2026", "", "2026-11-24T00:00:00"),
        ("11/24/2026 3:04 PM", "", "2026-11-24T15:04:00"),
        ("11/24/2026 12:04:05 AM", "", "2026-11-24T00:04:05"),
        // it could be 12 March as well: the earlier of the two
        ("3/12/2026 15:04", "", "2026-03-12T15:04:00"),
        ("3/12/2026 15:04", "24/11/2026", "2026-12-03T15:04:00"),
    ] {
        let file = format!("username,exported_at,expires on\nann,{written},{others}\n");
        let moment = record(&file).exported_at.unwrap_or_else(|| panic!("{written}"));
        assert_eq!(moment.format("%Y-%m-%dT%H:%M:%S").to_string(), expected, "{written}");
    }
}
