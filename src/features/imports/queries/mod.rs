//! What is known of imports.

mod exports;
mod import;
mod plan_rows;
mod refusals;
mod shown;

pub use exports::{PROBLEM, exports_of, joined_after};
pub use import::{Import, LISTED, Listed, Reading, State, import, imports, lock_import};
pub use plan_rows::{Kind, PlanRow, Restorable, left_to_restore, plan_rows, restorable};
pub use refusals::{Refused, RefusedCells, refused, refused_cells};
pub use shown::{Limits, applied_entry, limits, paths, restored};
