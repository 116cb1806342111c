//! Whether a request has stored something, for what is told when it fails afterwards.

use std::cell::Cell;

tokio::task_local! {
    static STORED: Cell<bool>;
}

/// Runs a request: from here to its end it is known whether it has stored something.
pub async fn noticing<F: Future>(request: F) -> F::Output {
    STORED.scope(Cell::new(false), request).await
}

/// The request has stored something. Outside of requests nobody asks.
pub(super) fn notice() {
    let _ = STORED.try_with(|stored| stored.set(true));
}

/// The request that this is a part of has stored something by now.
pub fn by_this_request() -> bool {
    STORED.try_with(Cell::get).unwrap_or(false)
}
