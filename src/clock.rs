//! The time, as an input: the system's, or one that tests set.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};

/// Tells the time. Cheap to clone; clones of a set clock move together.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Microseconds since 1970, when the clock was set by a test.
    fixed: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Clock {
        Clock::default()
    }

    /// A clock that stands still until it is set again.
    pub fn fixed(at: DateTime<Utc>) -> Clock {
        Clock { fixed: Some(Arc::new(AtomicI64::new(at.timestamp_micros()))) }
    }

    /// Sets a clock made by [`Clock::fixed`]; the system's clock stays as it is.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Some(fixed) = &self.fixed {
            fixed.store(at.timestamp_micros(), Ordering::Relaxed);
        }
    }

    /// The time at which a test has stopped this clock; the system's clock never is.
    pub fn stopped_at(&self) -> Option<DateTime<Utc>> {
        self.fixed.as_ref().map(|_| self.now())
    }

    /// The time now.
    pub fn now(&self) -> DateTime<Utc> {
        match &self.fixed {
            Some(fixed) => DateTime::from_timestamp_micros(fixed.load(Ordering::Relaxed)).unwrap_or_default(),
            None => Utc::now(),
        }
    }
}
