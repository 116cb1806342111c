use std::io::Read;

use headroom::domain::users_csv::{FileRefusal, Survey, limits};

use super::{read, record, refusals, refused, survey};

/// A heading and then the same row again and again.
fn endless(row: &'static str) -> impl Read {
    struct Endless(&'static [u8], usize);
    impl Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let mut filled = 0;
            while filled < into.len() {
                let rest = &self.0[self.1..];
                let length = rest.len().min(into.len() - filled);
                into[filled..filled + length].copy_from_slice(&rest[..length]);
                filled += length;
                self.1 = (self.1 + length) % self.0.len();
            }
            Ok(filled)
        }
    }
    b"username\n".as_slice().chain(Endless(row.as_bytes(), 0))
}

#[test]
fn a_file_without_end_is_refused_by_its_rows_or_its_bytes() {
    let told = |row| Survey::of(endless(row)).unwrap_err().reason;
    assert_eq!(told("a\n"), "The file has more than 2,000,000 rows.");
    let long = Box::leak(format!("{}\n", "long ".repeat(2000)).into_boxed_str());
    assert_eq!(told(long), "The file is longer than 256 MiB.");
}

#[test]
fn a_line_without_end_is_refused_before_it_fills_the_memory() {
    let refusal = |row| -> FileRefusal { Survey::of(endless(row)).unwrap_err() };
    assert_eq!(refusal("a").reason, "A value on this line is far too long.");
    assert_eq!(refusal("abc,").reason, "This line is far too long.");
    assert_eq!(refusal(",").line, Some(2));
    assert_eq!(refusal("\"").line, Some(2));
}

#[test]
fn columns_are_counted_up_to_the_last_heading() {
    let heading = |count: usize| format!("username{}", ",x".repeat(count - 1));
    assert_eq!(survey(format!("{}{}\n", heading(200), ",".repeat(5000)).as_bytes()).columns.ignored.len(), 199);
    let refusal = refused(format!("{}\n", heading(201)));
    assert_eq!(refusal.reason, "The file has 201 columns; at most 200 can be read.");
}

#[test]
fn a_cell_has_at_most_ten_thousand_characters() {
    let file = |count: usize| format!("username,note\nann,{}\n", "é".repeat(count));
    record(file(limits::MAX_CELL_CHARS));
    let told = refusals(file(limits::MAX_CELL_CHARS + 1));
    assert!(told[0].starts_with("2 note: “éé") && told[0].ends_with("…” is longer than 10,000 characters"), "{told:?}");
}

#[test]
fn a_source_that_breaks_is_a_fault_of_ours() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    let refusal = Survey::of(b"username\nann\n".as_slice().chain(Broken)).unwrap_err();
    assert_eq!(refusal.fault.as_deref(), Some("the disk is gone"));
    assert_eq!(refused("x").fault, None);
}

#[test]
fn other_kinds_of_files_are_refused_with_advice() {
    for (file, reason) in [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), "The file is an Excel workbook of the old kind (.xls)"),
        (b"PK\x03\x04 not really", "The file begins like an Excel workbook (.xlsx), but cannot be read as one."),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "The first row has none of the columns"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "The file is not a text file"),
    ] {
        let refusal = read(file).unwrap_err();
        assert!(refusal.reason.starts_with(reason), "{}", refusal.reason);
        assert!(!refusal.advice.is_empty());
    }
}
