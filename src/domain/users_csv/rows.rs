//! The rows of a file, in its order, each read or refused.

use std::io::Read;

use csv::StringRecord;

use super::columns::Columns;
use super::dates::DateOrder;
use super::delimiter::Delimiter;
use super::encoding;
use super::limits::MAX_CELL_CHARS;
use super::lines::{Lines, RawRow};
use super::record::{self, Keys, Record};
use super::refusal::{FileRefusal, RowRefusal};
use super::spreadsheet::Sheet;
use super::survey::{Format, Survey, Table, check_rows, heading};
use super::text::Text;

/// A row of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The line on which it begins, as an editor counts, or the row as a spreadsheet counts.
    pub line: u64,
    /// Its cells as they were read, to hand them back to the person.
    pub cells: StringRecord,
    /// What it says, or everything that is wrong with it.
    pub record: Result<Record, Vec<RowRefusal>>,
    /// Of a row that is refused: whom it means nevertheless.
    pub keys: Keys,
}

/// The rows of a file. After a refusal of the whole file nothing follows.
pub struct Rows<R> {
    table: Table<R>,
    columns: Columns,
    dates: DateOrder,
    delimiter: Delimiter,
    encoding: String,
    row: RawRow,
    read: u64,
    ended: bool,
}

/// Opens a file that was surveyed, and reads its heading.
pub fn open<R: Read>(source: R, survey: &Survey) -> Result<Rows<R>, FileRefusal> {
    let mut table = match survey.format {
        Format::Csv => {
            let text = Text::decoded(source, survey.encoding);
            Table::Lines(Box::new(Lines::new(text, survey.delimiter)))
        }
        Format::Spreadsheet => Table::Sheet(Sheet::read(source)?),
    };
    let columns = heading(&mut table)?;
    let (dates, encoding) = (survey.date_order, survey.encoding.label());
    let delimiter = survey.delimiter;
    Ok(Rows { table, columns, dates, delimiter, encoding, row: RawRow::default(), read: 0, ended: false })
}

impl<R: Read> Rows<R> {
    /// The heading.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    fn read_next(&mut self) -> Result<Option<Row>, FileRefusal> {
        loop {
            if !self.table.next(&mut self.row)? {
                return Ok(None);
            }
            if !self.row.is_blank() {
                break;
            }
        }
        self.read += 1;
        check_rows(self.read)?;
        let line = self.row.line;
        let cells = self.row.cells().ok_or_else(|| encoding::unfit(&self.encoding, line))?;
        let record = match self.shape(&cells) {
            Some(refusal) => Err(vec![refusal]),
            None => record::read(&self.columns, &cells, self.dates).map_err(|problems| self.told(problems)),
        };
        let keys = if record.is_err() { self.keys(&cells) } else { Keys::default() };
        Ok(Some(Row { line, cells, record, keys }))
    }

    /// Of a row in whose middle the file ends the last cell may be half a cell.
    fn keys(&self, cells: &StringRecord) -> Keys {
        let mut whole = cells.clone();
        if self.is_cut(cells) {
            whole.truncate(cells.len() - 1);
        }
        record::keys(&self.columns, &whole)
    }

    /// The file ends in the middle of the row.
    fn is_cut(&self, cells: &StringRecord) -> bool {
        self.row.unended && cells.len() < self.columns.named()
    }

    /// What is wrong with the row as a whole, so that its cells may not be what they seem.
    fn shape(&self, cells: &StringRecord) -> Option<RowRefusal> {
        if self.row.broken {
            let reason = "A quote closes in the middle of a value; a quote inside a value is written twice (\"\")";
            return Some(RowRefusal::new(None, "", reason));
        }
        if self.is_cut(cells) {
            let reason = format!(
                "The file ends in the middle of this row. Export or download it again; if the row is whole, add the \
                 missing {}s at its end",
                self.delimiter.label()
            );
            return Some(RowRefusal::new(None, "", reason));
        }
        let width = self.columns.width();
        if let Some(beyond) = cells.iter().skip(width).find(|cell| !cell.trim().is_empty()) {
            let reason = format!("is a value too many: the heading has {width} columns");
            return Some(RowRefusal::new(None, beyond, reason));
        }
        let is_long = |cell: &str| cell.len() > MAX_CELL_CHARS && cell.chars().count() > MAX_CELL_CHARS;
        let position = cells.iter().position(is_long)?;
        let reason = "is longer than 10,000 characters";
        Some(RowRefusal::new(self.columns.heading_at(position), &cells[position], reason))
    }

    fn told(&self, problems: Vec<record::Problem>) -> Vec<RowRefusal> {
        let told = |problem: record::Problem| {
            RowRefusal::new(self.columns.heading(problem.column), &problem.found, problem.reason)
        };
        problems.into_iter().map(told).collect()
    }
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Result<Row, FileRefusal>;

    fn next(&mut self) -> Option<Result<Row, FileRefusal>> {
        if self.ended {
            return None;
        }
        let next = self.read_next().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}
