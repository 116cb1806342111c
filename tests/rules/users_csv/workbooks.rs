use std::io::{Cursor, Write};

use headroom::domain::users_csv::{Cell, Format};
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Formula, Workbook, Worksheet};

use super::{record, refusals, refused, rows, survey};

fn sheet(cells: &[&[&str]]) -> Worksheet {
    let mut sheet = Worksheet::new();
    for (row, cells) in (0..).zip(cells) {
        for (column, text) in (0..).zip(*cells) {
            sheet.write_string(row, column, *text).unwrap();
        }
    }
    sheet
}

fn workbook(sheets: Vec<Worksheet>) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for sheet in sheets {
        workbook.push_worksheet(sheet);
    }
    workbook.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_is_read_like_a_csv_file() {
    let file = workbook(vec![sheet(&[
        &[],
        &["Username", "E-Mail", "", "colour", "expires on"],
        &["zoë", "zoe@x.example", "", "red", "24/11/2026"],
        &[],
        &["bob", "bob", "", "", "3/4/2026"],
    ])]);
    let survey = survey(&file);
    assert_eq!((survey.format, survey.label().as_str()), (Format::Spreadsheet, "Excel workbook (.xlsx)"));
    assert_eq!(survey.columns.ignored, ["colour"]);
    let rows = rows(&file);
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 5]);
    assert_eq!(rows[0].record.clone().unwrap().username, Cell::Value("zoë".to_owned()));
    assert_eq!(&rows[0].cells[3], "red");
    assert_eq!(refusals(&file), ["5 E-Mail: “bob” is not an e-mail address"]);
}

#[test]
fn dates_numbers_booleans_and_formulas_are_what_they_show() {
    let mut sheet = sheet(&[&["username", "expires on", "exported_at", "first_name", "last_name"]]);
    let date = Style::new().set_num_format("dd/mm/yy");
    let moment = Style::new().set_num_format("dd/mm/yyyy hh:mm");
    sheet.write_number(1, 0, 4711).unwrap();
    sheet.write_datetime_with_format(1, 1, ExcelDateTime::from_ymd(2026, 4, 3).unwrap(), &date).unwrap();
    let exported = ExcelDateTime::from_ymd(2026, 11, 24).unwrap().and_hms(15, 4, 5).unwrap();
    sheet.write_datetime_with_format(1, 2, exported, &moment).unwrap();
    sheet.write_formula(1, 3, Formula::new("=\"An\"&\"n\"").set_result("Ann")).unwrap();
    sheet.write_boolean(1, 4, true).unwrap();
    let row = record(workbook(vec![sheet]));
    assert_eq!(row.username, Cell::Value("4711".to_owned()));
    assert_eq!(row.account_expires_on.value().unwrap().to_string(), "2026-04-03");
    assert_eq!(row.exported_at.unwrap().to_rfc3339(), "2026-11-24T15:04:05+00:00");
    assert_eq!(row.first_name, Cell::Value("Ann".to_owned()));
    assert_eq!(row.last_name, Cell::Value("TRUE".to_owned()));
}

#[test]
fn errors_and_numbers_that_lost_their_end_are_refused() {
    let mut sheet = sheet(&[&["username", "last_name"]]);
    sheet.write_number(1, 0, 1.234_567_890_123_45e17).unwrap();
    sheet.write_formula(1, 1, Formula::new("=A99+#REF!").set_result("#REF!")).unwrap();
    let told = refusals(workbook(vec![sheet]));
    assert!(told[0].contains("is a long number that a spreadsheet has shortened"), "{told:?}");
    assert!(told[1].contains("“#REF!” is an error of the spreadsheet"), "{told:?}");
}

#[test]
fn the_sheet_with_a_known_heading_is_the_one() {
    let file = workbook(vec![
        sheet(&[&["Read me first"], &["This workbook has the users on its second sheet"]]),
        sheet(&[&["username"], &["ann"]]),
        sheet(&[&["username"], &["bob"]]),
    ]);
    assert_eq!(record(&file).username, Cell::Value("ann".to_owned()));
    assert!(refused(workbook(vec![sheet(&[&["nothing"]])])).reason.contains("is the heading missing?"));
    assert_eq!(refused(workbook(vec![Worksheet::new()])).reason, "The file is empty.");
}

#[test]
fn a_heading_is_looked_for_on_the_first_twenty_sheets_only() {
    let with_users_behind = |others: usize| {
        let other = |_| sheet(&[&["nothing"]]);
        workbook((0..others).map(other).chain([sheet(&[&["username"], &["ann"]])]).collect())
    };
    assert_eq!(record(with_users_behind(19)).username, Cell::Value("ann".to_owned()));
    let refused = refused(with_users_behind(20));
    let reason = "The workbook has 21 sheets, and none of the first 20 has a heading that is known here.";
    assert_eq!(refused.reason, reason);
    assert!(refused.advice.starts_with("Move the sheet with the users to the front"), "{}", refused.advice);
}

#[test]
fn a_cell_far_away_costs_no_memory_and_a_value_there_is_refused() {
    let mut far = sheet(&[&["username"], &["ann"]]);
    far.write_string(1_048_575, 0, "bob").unwrap();
    assert_eq!(rows(workbook(vec![far])).len(), 2);
    let mut far = sheet(&[&["username"], &["ann"]]);
    far.write_string(1, 16_383, "bob").unwrap();
    assert_eq!(refused(workbook(vec![far])).line, Some(2));
}

#[test]
fn a_workbook_that_unpacks_to_more_than_the_limit_is_refused() {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let zeros = vec![0; 1024 * 1024];
    for _ in 0..300 {
        archive.write_all(&zeros).unwrap();
    }
    let mut file = archive.finish().unwrap().into_inner();
    assert!(file.len() < 1024 * 1024);
    assert_eq!(refused(&file).reason, "The workbook holds more than 48 MiB of data.");
    // an archive that is not true about itself: 1 byte, it says in the directory
    let size = u32::try_from(300 * 1024 * 1024).unwrap().to_le_bytes();
    while let Some(at) = file.windows(4).position(|bytes| bytes == size) {
        file[at..at + 4].copy_from_slice(&1_u32.to_le_bytes());
    }
    assert!(super::read(&file).is_err());
}

#[test]
fn other_archives_are_told_what_they_are_not() {
    for (name, text, what) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet", "an OpenDocument file (.ods)"),
        ("users.csv", "username\nann\n", "a zip archive"),
    ] {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        archive.start_file(name, stored).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
        let refusal = refused(archive.finish().unwrap().into_inner());
        assert_eq!(refusal.reason, format!("The file is {what}, no Excel workbook (.xlsx) and no CSV file."));
        assert!(refusal.advice.contains("save the sheet as “CSV UTF-8”"));
    }
}

#[test]
fn a_workbook_that_is_cut_or_damaged_is_refused_and_never_panics() {
    let file = workbook(vec![sheet(&[&["username", "email"], &["ann", "ann@x.example"]])]);
    for length in (4..file.len()).step_by(97) {
        assert!(super::read(&file[..length]).is_err());
        let mut damaged = file.clone();
        damaged[length] ^= 0x55;
        let _ = super::read(&damaged);
    }
}
