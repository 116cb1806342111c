//! One pass over a file, before anything is read from it: what it is, and which way its dates are written.
//! It needs the whole file: the byte that is not UTF-8, and the date that tells, can be in the last row.

use std::io::{Cursor, Read};

use serde::{Deserialize, Serialize};

use super::columns::{Column, Columns};
use super::dates::{DateOrder, Evidence};
use super::delimiter::Delimiter;
use super::encoding::{self, Encoding};
use super::limits::MAX_ROWS;
use super::lines::{Lines, RawRow};
use super::refusal::FileRefusal;
use super::spreadsheet::{self, Sheet};
use super::text::Text;

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Text, cells separated by a delimiter.
    Csv,
    /// An Excel workbook (.xlsx).
    Spreadsheet,
}

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// What kind of file.
    pub format: Format,
    /// How its characters are written.
    pub encoding: Encoding,
    /// What is between its cells.
    pub delimiter: Delimiter,
    /// Which way its dates are written.
    pub date_order: DateOrder,
    /// Its heading.
    pub columns: Columns,
    /// How many rows have something in them, without the heading; for progress. In an encoding before Unicode,
    /// which is known at the end only, a row of nothing but special spaces can be miscounted.
    pub rows: u64,
}

/// How much of a file the delimiter is found out from.
const HEAD: u64 = 64 * 1024;
const DATES: [Column; 3] = [Column::AccountExpiresOn, Column::CreatedAt, Column::ExportedAt];

impl Survey {
    /// Surveys a file. Refuses one that cannot be read at all.
    pub fn of(mut source: impl Read) -> Result<Survey, FileRefusal> {
        let mut head = Vec::new();
        source.by_ref().take(HEAD).read_to_end(&mut head).map_err(|error| FileRefusal::unreadable(&error))?;
        let marked = encoding::marked(&head);
        if spreadsheet::is_old_workbook(&head) {
            return Err(spreadsheet::old_workbook());
        }
        if spreadsheet::is_workbook(&head) {
            let table = Table::<std::io::Empty>::Sheet(Sheet::read(Cursor::new(head).chain(source))?);
            return survey(table, Format::Spreadsheet, Encoding::Utf8 { mark: false }, Delimiter::Comma);
        }
        let encoding = marked.unwrap_or(Encoding::Utf8 { mark: false });
        let delimiter = match encoding {
            Encoding::Utf16 { .. } => Delimiter::of(decoded(&head, encoding).as_bytes()),
            _ => Delimiter::of(&head),
        };
        let text = Text::surveyed(Cursor::new(head).chain(source), marked);
        survey(Table::Lines(Box::new(Lines::new(text, delimiter))), Format::Csv, encoding, delimiter)
    }

    /// What the file is, in words: “CSV, UTF-8 with byte-order mark, semicolon”.
    pub fn label(&self) -> String {
        match self.format {
            Format::Csv => format!("CSV, {}, {}", self.encoding.label(), self.delimiter.label()),
            Format::Spreadsheet => "Excel workbook (.xlsx)".to_owned(),
        }
    }
}

fn decoded(head: &[u8], encoding: Encoding) -> String {
    let mut text = String::with_capacity(head.len() * 2);
    let _ = encoding.decoder().decode_to_string(head, &mut text, false);
    text
}

fn survey<R: Read>(
    mut table: Table<R>,
    format: Format,
    encoding: Encoding,
    delimiter: Delimiter,
) -> Result<Survey, FileRefusal> {
    let columns = heading(&mut table)?;
    let dated: Vec<usize> = DATES.into_iter().filter_map(|column| columns.position(column)).collect();
    let (mut evidence, mut rows, mut row) = (Evidence::default(), 0, RawRow::default());
    while table.next(&mut row)? {
        if row.is_blank() {
            continue;
        }
        rows += 1;
        check_rows(rows)?;
        dated.iter().filter_map(|position| row.cell(*position)).for_each(|cell| evidence.look(cell));
    }
    let encoding = match table {
        Table::Lines(lines) => lines.into_text().found().unwrap_or(Ok(encoding))?,
        Table::Sheet(_) => encoding,
    };
    Ok(Survey { format, encoding, delimiter, date_order: evidence.order(), columns, rows })
}

/// The heading: the first row that is not blank.
pub(super) fn heading<R: Read>(table: &mut Table<R>) -> Result<Columns, FileRefusal> {
    let mut row = RawRow::default();
    while table.next(&mut row)? {
        if !row.is_blank() && !row.is_sep() {
            return Columns::read(&row.cells_lossy()).map_err(|refusal| refusal.on(row.line));
        }
    }
    Err(FileRefusal::new("The file is empty.", "Upload a file with a heading and a row for each user."))
}

pub(super) fn check_rows(rows: u64) -> Result<(), FileRefusal> {
    if rows <= MAX_ROWS {
        return Ok(());
    }
    let reason = "The file has more than 2,000,000 rows.";
    Err(FileRefusal::new(reason, "Split it into several files, each with the heading."))
}

/// Where rows come from.
pub(super) enum Table<R> {
    Lines(Box<Lines<R>>),
    Sheet(Sheet),
}

impl<R: Read> Table<R> {
    pub fn next(&mut self, row: &mut RawRow) -> Result<bool, FileRefusal> {
        match self {
            Table::Lines(lines) => lines.next(row),
            Table::Sheet(sheet) => Ok(sheet.next(row)),
        }
    }
}
