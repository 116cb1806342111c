//! Changes of imports, and the changes that imports make.

mod apply;
mod cancel;
mod pieces;
mod read;
mod restore;
mod staging;
mod upload;

pub use apply::{Applied, Confirm, Missing, Outcome, apply, begin};
pub use cancel::cancel;
pub use read::read;
pub use restore::{Begun, Whom, begin_restoring, restore};
pub use upload::{MOST_BYTES, PIECE, Upload, create, create_and_read, forget_upload, store_piece};
