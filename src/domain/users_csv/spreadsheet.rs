//! Excel workbooks (.xlsx), as a table like that of a CSV file.
//!
//! A workbook is a zip archive, which can unpack to thousands of times its size: it is unpacked once
//! without keeping anything before it is read. The library's panics are caught, because it reads
//! the bytes of strangers.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};
use zip::ZipArchive;

use super::columns::Columns;
use super::limits::{MAX_COLUMNS, MAX_SHEETS, MAX_UNPACKED_BYTES, MAX_WORKBOOK_BYTES};
use super::lines::RawRow;
use super::refusal::FileRefusal;

type Workbook = Xlsx<Cursor<Vec<u8>>>;

/// Does the file begin as a zip archive does?
pub fn is_workbook(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04")
}

/// The format of Excel before 2007, and of workbooks with a password.
pub(super) fn is_old_workbook(head: &[u8]) -> bool {
    head.starts_with(b"\xd0\xcf\x11\xe0")
}

/// The cells of a sheet that have something in them, one after the other.
#[derive(Default)]
pub(super) struct Sheet {
    text: Vec<u8>,
    cells: Vec<SheetCell>,
    at: usize,
}

struct SheetCell {
    row: u32,
    column: u16,
    /// Where its text ends; it begins where the one before ends.
    end: u32,
}

impl Sheet {
    /// Reads the first sheet with a heading that means something, else the first; of very many none.
    pub fn read(source: impl Read) -> Result<Sheet, FileRefusal> {
        let mut bytes = Vec::new();
        source.take(MAX_WORKBOOK_BYTES + 1).read_to_end(&mut bytes).map_err(|error| FileRefusal::unreadable(&error))?;
        if bytes.len() as u64 > MAX_WORKBOOK_BYTES {
            return Err(too_long(format!("The workbook is longer than {} MiB.", MAX_WORKBOOK_BYTES / 1024 / 1024)));
        }
        catch_unwind(AssertUnwindSafe(|| read_workbook(bytes))).unwrap_or_else(|_| Err(unreadable()))
    }

    /// The next row that is not empty; `false` at the end.
    pub fn next(&mut self, row: &mut RawRow) -> bool {
        let Some(first) = self.cells.get(self.at) else { return false };
        let number = first.row;
        row.begin(u64::from(number) + 1);
        while let Some(cell) = self.cells.get(self.at).filter(|cell| cell.row == number) {
            while row.len() < usize::from(cell.column) {
                row.end_cell();
            }
            let start = self.at.checked_sub(1).map_or(0, |before| self.cells[before].end);
            row.push(&self.text[start as usize..cell.end as usize]);
            row.end_cell();
            self.at += 1;
        }
        true
    }

    fn push(&mut self, (row, column): (u32, u32), value: &DataRef<'_>) -> Result<(), FileRefusal> {
        write_value(&mut self.text, value);
        if self.text.len() as u64 > MAX_UNPACKED_BYTES {
            return Err(unpacks_too_far());
        }
        let start = self.cells.last().map_or(0, |cell| cell.end);
        let (Ok(end), Ok(column)) = (u32::try_from(self.text.len()), u16::try_from(column)) else {
            return Err(unreadable());
        };
        if end == start {
            return Ok(());
        }
        let in_order = self.cells.last().is_none_or(|last| (last.row, last.column) < (row, column));
        if !in_order {
            return Err(unreadable());
        }
        if usize::from(column) >= MAX_COLUMNS {
            let reason = format!("This row has a value beyond column {MAX_COLUMNS}.");
            return Err(too_long(reason).on(u64::from(row) + 1));
        }
        self.cells.push(SheetCell { row, column, end });
        Ok(())
    }
}

fn read_workbook(bytes: Vec<u8>) -> Result<Sheet, FileRefusal> {
    check_archive(&bytes)?;
    let mut workbook = Workbook::new(Cursor::new(bytes)).map_err(|error| refusal(&error))?;
    let names = workbook.sheet_names();
    let mut chosen = None;
    for name in names.iter().take(MAX_SHEETS) {
        let mut sheet = match read_sheet(&mut workbook, name, true) {
            Ok(sheet) => sheet,
            // a sheet of charts has no cells
            Err(_) if names.len() > 1 => continue,
            Err(refusal) => return Err(refusal),
        };
        let mut heading = RawRow::default();
        if sheet.next(&mut heading) && Columns::known_in(&heading.cells_lossy()) > 0 {
            chosen = Some(name);
            break;
        }
    }
    if chosen.is_none() && names.len() > MAX_SHEETS {
        return Err(too_many_sheets(names.len()));
    }
    let name = chosen.or(names.first()).ok_or_else(unreadable)?;
    read_sheet(&mut workbook, name, false)
}

/// Reads the cells of a sheet, or those of its first row only.
fn read_sheet(workbook: &mut Workbook, name: &str, only_first: bool) -> Result<Sheet, FileRefusal> {
    let mut sheet = Sheet::default();
    let mut cells = workbook.worksheet_cells_reader(name).map_err(|error| refusal(&error))?;
    while let Some(cell) = cells.next_cell().map_err(|error| refusal(&error))? {
        let first = sheet.cells.first().map(|cell| cell.row);
        if only_first && first.is_some_and(|first| first != cell.get_position().0) {
            break;
        }
        sheet.push(cell.get_position(), cell.get_value())?;
    }
    Ok(sheet)
}

/// Unpacks everything once: what an archive says about its own size need not be true.
fn check_archive(bytes: &[u8]) -> Result<(), FileRefusal> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| unreadable())?;
    let is_office = archive.file_names().flatten().any(|name| name == "[Content_Types].xml" || name.starts_with("xl/"));
    let mut left = MAX_UNPACKED_BYTES;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| unreadable())?;
        if part.size() > left {
            return Err(unpacks_too_far());
        }
        let unpacked = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|_| unreadable())?;
        left = left.checked_sub(unpacked).ok_or_else(unpacks_too_far)?;
    }
    if is_office { Ok(()) } else { Err(no_workbook(bytes)) }
}

/// A value as it would be in a CSV file.
fn write_value(text: &mut Vec<u8>, value: &DataRef<'_>) {
    let written = match value {
        DataRef::Empty => return,
        DataRef::String(value) | DataRef::DateTimeIso(value) | DataRef::DurationIso(value) => {
            return text.extend_from_slice(value.as_bytes());
        }
        DataRef::SharedString(value) => return text.extend_from_slice(value.as_bytes()),
        DataRef::Int(value) => value.to_string(),
        DataRef::Float(value) => number(*value),
        DataRef::Bool(value) => value.to_string().to_uppercase(),
        DataRef::DateTime(value) => moment(*value),
        DataRef::Error(error) => error.to_string(),
    };
    text.extend_from_slice(written.as_bytes());
}

/// Excel keeps 15 digits; of a longer number the end is lost, and it is written so that it is refused.
fn number(value: f64) -> String {
    if value.abs() < 1e15 { value.to_string() } else { format!("{value:E}").replacen('E', "E+", 1) }
}

fn moment(value: ExcelDateTime) -> String {
    // the days that Excel has; beyond them the library's sum would not fit
    let in_range = (0.0..2_958_466.0).contains(&value.as_f64());
    match value.as_datetime().filter(|_| in_range && value.is_datetime()) {
        Some(moment) if moment.time() == chrono::NaiveTime::MIN => moment.format("%Y-%m-%d").to_string(),
        Some(moment) => moment.format("%Y-%m-%d %H:%M:%S").to_string(),
        None => number(value.as_f64()),
    }
}

fn refusal(error: &XlsxError) -> FileRefusal {
    match error {
        XlsxError::Password => FileRefusal::new(
            "The workbook has a password.",
            "Save it without a password, or save the sheet as “CSV UTF-8”.",
        ),
        _ => unreadable(),
    }
}

fn unreadable() -> FileRefusal {
    FileRefusal::new(
        "The file begins like an Excel workbook (.xlsx), but cannot be read as one.",
        "Open it in your spreadsheet and save the sheet as “CSV UTF-8”.",
    )
}

/// Another archive: LibreOffice's own format begins with its name.
fn no_workbook(bytes: &[u8]) -> FileRefusal {
    const OPEN_DOCUMENT: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument";
    let head = &bytes[..bytes.len().min(200)];
    let what = match head.windows(OPEN_DOCUMENT.len()).any(|part| part == OPEN_DOCUMENT) {
        true => "an OpenDocument file (.ods)",
        false => "a zip archive",
    };
    FileRefusal::new(
        format!("The file is {what}, no Excel workbook (.xlsx) and no CSV file."),
        "Open it in your spreadsheet and save the sheet as “CSV UTF-8” or as an Excel workbook (.xlsx).",
    )
}

pub(super) fn old_workbook() -> FileRefusal {
    FileRefusal::new(
        "The file is an Excel workbook of the old kind (.xls), or one with a password.",
        "Save it without a password as an Excel workbook (.xlsx) or as “CSV UTF-8”.",
    )
}

fn unpacks_too_far() -> FileRefusal {
    too_long(format!("The workbook holds more than {} MiB of data.", MAX_UNPACKED_BYTES / 1024 / 1024))
}

fn too_many_sheets(count: usize) -> FileRefusal {
    FileRefusal::new(
        format!(
            "The workbook has {count} sheets, and none of the first {MAX_SHEETS} has a heading that is known here."
        ),
        "Move the sheet with the users to the front, or save it as “CSV UTF-8” and upload that.",
    )
}

fn too_long(reason: String) -> FileRefusal {
    FileRefusal::new(reason, "Save the sheet with the users as “CSV UTF-8” and upload that.")
}
