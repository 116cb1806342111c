//! Imports as they are shown.

mod causes;
mod confirm;
pub mod conflicts;
pub mod form;
pub mod list;
pub mod panel;
pub mod preview;
pub mod refused_csv;
pub mod result;
pub mod rows;
pub mod told;
pub mod waiting;
pub mod words;
