//! Reading the users CSV: whatever a spreadsheet makes of it.

use headroom::domain::users_csv::{FileRefusal, Record, Row, Survey, open};

mod dates;
mod encodings;
mod headings;
mod letters;
mod limits;
mod properties;
mod quotes;
mod values;
mod workbooks;

fn survey(file: &[u8]) -> Survey {
    Survey::of(file).unwrap()
}

/// Surveys and reads a file.
fn read(file: &[u8]) -> Result<Vec<Row>, FileRefusal> {
    open(file, &Survey::of(file)?)?.collect()
}

fn rows(file: impl AsRef<[u8]>) -> Vec<Row> {
    read(file.as_ref()).unwrap()
}

fn refused(file: impl AsRef<[u8]>) -> FileRefusal {
    read(file.as_ref()).unwrap_err()
}

/// The only row of a file.
fn record(file: impl AsRef<[u8]>) -> Record {
    let rows = rows(file);
    assert_eq!(rows.len(), 1, "{rows:#?}");
    rows[0].record.clone().unwrap()
}

/// Each refused row as `line column: sentence`.
fn refusals(file: impl AsRef<[u8]>) -> Vec<String> {
    let told = |row: &Row| {
        let line = row.line;
        let refusals = row.record.clone().err().unwrap_or_default();
        refusals
            .into_iter()
            .map(move |refusal| format!("{line} {}: {}", refusal.column.as_deref().unwrap_or("-"), refusal.told()))
            .collect::<Vec<_>>()
    };
    rows(file).iter().flat_map(told).collect()
}

/// A file of the folder with what spreadsheets write.
fn spreadsheet(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/spreadsheets/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}
