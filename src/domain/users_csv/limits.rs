//! How much a file may hold. Each limit is far above what people have and far below what would
//! hurt the server; each refusal names its limit.

/// The longest CSV file, in bytes as uploaded.
pub const MAX_BYTES: u64 = 256 * 1024 * 1024;
/// The longest Excel workbook, in bytes as uploaded: it is read into memory, which a CSV file is not.
pub const MAX_WORKBOOK_BYTES: u64 = 16 * 1024 * 1024;
/// The longest Excel workbook when unpacked: a small file can unpack to thousands of times its size, and what is
/// unpacked takes up to twice its size in memory (`docs/performance.md`).
pub const MAX_UNPACKED_BYTES: u64 = 48 * 1024 * 1024;
/// Sheets of an Excel workbook that are looked at for one with a known heading: however many there are, they may
/// all be the same long part of the file, which is unpacked and read again for each.
pub const MAX_SHEETS: usize = 20;
/// Rows below the heading.
pub const MAX_ROWS: u64 = 2_000_000;
/// Columns that have a heading.
pub const MAX_COLUMNS: usize = 200;
/// Characters of one cell.
pub const MAX_CELL_CHARS: usize = 10_000;

/// Bytes of one cell, from which on nobody meant this to be one cell: a quote is missing.
pub(super) const MAX_CELL_BYTES: usize = 64 * 1024;
/// Line breaks in one cell, likewise.
pub(super) const MAX_CELL_BREAKS: u64 = 100;
/// Bytes of one row.
pub(super) const MAX_ROW_BYTES: usize = 2 * 1024 * 1024;
/// Cells of one row, most of them empty: what Excel can have.
pub(super) const MAX_ROW_CELLS: usize = 16_384;
