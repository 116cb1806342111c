//! The users CSV (`domain.md` section 8), as people and their spreadsheets write it.
//!
//! A file is read twice. [`Survey::of`] finds out what it is: a CSV or a workbook, in which encoding, with which
//! delimiter, and whether days or months come first in its dates. [`open`] then gives its rows one by one, each a
//! [`Record`], or everything that is wrong with it. Memory stays the same however long a CSV file is.
//!
//! bytes -> [`text`] (UTF-8) -> [`lines`] or [`spreadsheet`] (cells) -> [`record`] (values)
//!
//! Nothing is guessed that could change somebody by mistake: a date that could be two days, a number that a
//! spreadsheet has shortened, a quote that is not closed are refused, with what is expected.

mod columns;
mod dates;
mod delimiter;
mod encoding;
pub mod limits;
mod line_count;
mod lines;
pub mod record;
mod refusal;
mod rows;
mod spoilt;
mod spreadsheet;
mod survey;
mod text;

pub use columns::{ALIASES, COLUMNS, Column, Columns};
pub use dates::DateOrder;
pub use delimiter::Delimiter;
pub use encoding::Encoding;
pub use record::{Cell, Keys, Problem, Record};
pub use refusal::{FileRefusal, RowRefusal};
pub use rows::{Row, Rows, open};
pub use spreadsheet::is_workbook;
pub use survey::{Format, Survey};
