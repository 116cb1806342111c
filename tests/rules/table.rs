use csv::StringRecord;
use headroom::domain::table::{Heading, count, day};
use headroom::domain::{takeover, users_csv};
use proptest::prelude::*;

fn heading(cells: &[&str]) -> Result<Heading, String> {
    Heading::read(&StringRecord::from(cells), &["name", "limit"], &["name"])
}

#[test]
fn columns_are_found_in_any_order_and_case_and_others_are_named() {
    let heading = heading(&["colour", " Limit ", "NAME", ""]).unwrap();
    assert_eq!(heading.ignored, ["colour"]);
    let row = StringRecord::from(["red", "5", " Acme "].as_slice());
    assert_eq!(heading.value(&row, "name"), Some("Acme"));
    assert_eq!(heading.value(&row, "limit"), Some("5"));
}

#[test]
fn a_missing_and_a_double_column_are_refused() {
    assert_eq!(heading(&["limit"]).unwrap_err(), "The column name is missing.");
    assert_eq!(heading(&["name", "Name"]).unwrap_err(), "The column name is there twice.");
}

#[test]
fn a_row_may_be_longer_than_its_heading_by_empty_cells_only() {
    let heading = heading(&["name"]).unwrap();
    assert!(heading.check_width(&StringRecord::from(["Acme", "", " "].as_slice())).is_ok());
    assert!(heading.check_width(&StringRecord::from(["Acme", "", "x"].as_slice())).is_err());
}

#[test]
fn days_are_iso_and_exist() {
    assert!(day("d", "2028-02-29").is_ok());
    for wrong in ["2026-02-29", "24.11.2026", "2026-1-1", "1899-12-31", "10000-01-01", "", "2026-11-24T00"] {
        assert!(day("d", wrong).is_err(), "{wrong}");
    }
}

#[test]
fn counts_fit_the_database() {
    assert_eq!(count("c", "2147483647"), Ok(2_147_483_647));
    for wrong in ["2147483648", "-1", "1.5", "1,000", "", "many"] {
        assert!(count("c", wrong).is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn no_row_makes_the_readers_panic(cells in prop::collection::vec(any::<String>(), 0..14)) {
        let row = StringRecord::from(cells);
        let read = |columns: &[&'static str]| Heading::read(&StringRecord::from(columns), columns, &[]).unwrap();
        let columns = users_csv::Columns::of(&read(&users_csv::COLUMNS));
        let _ = users_csv::record::read(&columns, &row, users_csv::DateOrder::Unclear);
        let _ = takeover::organisation(&read(&takeover::ORGANISATION_COLUMNS), &row);
        let _ = takeover::experience(&read(&takeover::EXPERIENCE_COLUMNS), &row);
        let _ = takeover::enrolment(&read(&takeover::ENROLMENT_COLUMNS), &row);
    }
}
