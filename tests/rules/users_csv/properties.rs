use std::collections::BTreeMap;

use headroom::domain::csv_text::{escape, unescape};
use headroom::domain::users_csv::{Row, Survey, open};
use proptest::prelude::*;

use super::read;

/// The last three mean nothing, so that any text may be below them.
const HEADING: [&str; 4] = ["username", "note one", "note two", "note three"];

fn cell() -> impl Strategy<Value = String> {
    let hard = prop::collection::vec(
        prop::sample::select(vec![
            "\"", "\"\"", ",", ";", "\t", "\n", "\r\n", "'", "=", "+", "-", "@", " ", "a", "é", "ß", "’",
        ]),
        0..6,
    );
    prop_oneof![hard.prop_map(|parts| parts.concat()), "[ -~éüÿŠ]{0,12}", "\\PC{0,8}"]
}

/// The table as a Western one: in letters of Windows-1252, each in a word, so that it can be known for what it is.
fn western(rows: &[Vec<String>]) -> Vec<Vec<String>> {
    let fits = |char: &char| char.is_ascii() || "éüßÿ".contains(*char);
    let in_word = |char: char| if char.is_ascii() { char.to_string() } else { format!("{char}e") };
    rows.iter().map(|row| row.iter().map(|cell| cell.chars().filter(fits).map(in_word).collect()).collect()).collect()
}

#[derive(Debug, Clone, Copy)]
enum Written {
    Utf8,
    Utf8WithMark,
    Utf16Le,
    Utf16Be,
    Windows1252,
}

fn encode(text: &str, written: Written) -> Vec<u8> {
    let marked = format!("\u{feff}{text}");
    match written {
        Written::Utf8 => text.as_bytes().to_vec(),
        Written::Utf8WithMark => marked.into_bytes(),
        Written::Utf16Le => marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Written::Utf16Be => marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Written::Windows1252 => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
    }
}

/// The table as the csv crate writes it, escaped as our exports are.
fn write(rows: &[Vec<String>], delimiter: u8, end: csv::Terminator) -> String {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).terminator(end).from_writer(Vec::new());
    writer.write_record(HEADING).unwrap();
    for row in rows {
        writer.write_record(row.iter().map(|cell| escape(cell).into_owned())).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    prop::collection::vec(prop::collection::vec(cell(), HEADING.len()), 1..6)
}

fn cells(rows: &[Row]) -> Vec<Vec<String>> {
    rows.iter().map(|row| row.cells.iter().map(|cell| unescape(cell).to_owned()).collect()).collect()
}

proptest! {
    #[test]
    fn any_table_comes_back_unchanged_in_any_encoding_with_any_delimiter_and_line_end(
        rows in table(),
        delimiter in prop::sample::select(vec![b',', b';', b'\t']),
        end in prop::sample::select(vec![csv::Terminator::CRLF, csv::Terminator::Any(b'\n'), csv::Terminator::Any(b'\r')]),
        written in prop::sample::select(vec![
            Written::Utf8, Written::Utf8WithMark, Written::Utf16Le, Written::Utf16Be, Written::Windows1252,
        ]),
    ) {
        let mut rows = if matches!(written, Written::Windows1252) { western(&rows) } else { rows };
        for (at, row) in rows.iter_mut().enumerate() {
            // a row that is blank is skipped, and NUL is refused
            row[0] = format!("user{at}");
            row.iter_mut().for_each(|cell| cell.retain(|char| char != '\0'));
        }
        let text = write(&rows, delimiter, end);
        let read = read(&encode(&text, written));
        prop_assert!(read.is_ok(), "{:?} {:?}", read.err(), text);
        prop_assert_eq!(cells(&read.unwrap()), rows);
    }

    #[test]
    fn what_our_parser_and_the_csv_crate_make_of_a_well_formed_file_is_the_same(rows in table()) {
        let text = write(&rows, b',', csv::Terminator::CRLF);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let theirs: Vec<csv::StringRecord> = reader.records().map(Result::unwrap)
            .filter(|record| record.iter().any(|cell| !cell.trim().is_empty())).collect();
        if let Ok(ours) = read(text.as_bytes()) {
            prop_assert_eq!(ours.into_iter().map(|row| row.cells).collect::<Vec<_>>(), theirs);
        } else {
            prop_assert!(text.contains('\0'));
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_end(
        start in prop::sample::select(vec!["", "username,email,expires on,exported_at\r\n", "user_id;roles\r", "\u{feff}login\t", "PK\u{3}\u{4}"]),
        bytes in prop::collection::vec(prop_oneof![
            any::<u8>(), prop::sample::select(b"\",;\t\r\n'=/.-: 0123456789aE+#!\xc3\xa9\xff\xfe".to_vec()),
        ], 0..200),
    ) {
        let file = [start.as_bytes(), &bytes].concat();
        if let Ok(survey) = Survey::of(file.as_slice()) {
            let rows: Vec<_> = open(file.as_slice(), &survey).map(Iterator::collect).unwrap_or_default();
            prop_assert!(rows.len() <= file.len());
            // a refusal of the file is the last that one hears
            prop_assert!(rows.iter().rev().skip(1).all(Result::is_ok));
            prop_assert!(rows.iter().filter(|row| row.is_ok()).count() as u64 <= survey.rows);
            // lines only go on
            let lines: Vec<u64> = rows.iter().flatten().map(|row| row.line).collect();
            prop_assert!(lines.is_sorted_by(|before, after| before < after), "{:?}", lines);
        }
    }

    #[test]
    fn the_order_of_columns_does_not_matter(
        values in prop::collection::vec(prop::sample::select(vec![
            "", "ann", "ann@x.example", "org_admin", "24/11/2026", "3/4/2026", "#REF!", "1E+11", "0190163d-8694-739b-aea5-966c26f8ad91",
        ]), 6),
        order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let headings = ["user_id", "username", "email", "roles", "expires on", "exported_at"];
        let line = |cells: &[&str], order: &[usize]| order.iter().map(|at| cells[*at]).collect::<Vec<_>>().join(",");
        let file = |order: &[usize]| format!("{}\n{}\nbob\n", line(&headings, order), line(&values, order));
        let told = |file: String| -> Vec<_> {
            let rows = read(file.as_bytes()).unwrap();
            rows.into_iter().filter(|row| row.line == 2).map(|row| row.record).collect()
        };
        prop_assert_eq!(told(file(&order)), told(file(&[0, 1, 2, 3, 4, 5])));
    }

    #[test]
    fn lines_are_those_that_an_editor_counts(breaks in prop::collection::vec(prop::sample::select(vec!["\n", "\r\n", "\r"]), 1..30)) {
        let mut file = "username\n".to_owned();
        let mut expected = BTreeMap::new();
        // one by one, so that CR before LF is the one break that it is
        for (at, line_break) in breaks.iter().enumerate() {
            file.push_str(&format!("u{at}"));
            expected.insert(at as u64 + 2, format!("u{at}"));
            file.push_str(line_break);
        }
        let read: BTreeMap<u64, String> = read(file.as_bytes()).unwrap().into_iter().map(|row| (row.line, row.cells[0].to_owned())).collect();
        prop_assert_eq!(read, expected);
    }
}
