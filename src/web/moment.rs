//! A place in a list that is sorted by time, newest first.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Utc};
use uuid::Uuid;

/// The last row of a page, as it stands in the address of the next one: what comes after it is older.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: DateTime<Utc>,
    /// Which, of those at the same moment.
    pub id: Uuid,
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.timestamp_micros(), self.id)
    }
}

/// Refuses years that no row is of, some of which PostgreSQL does not know.
impl FromStr for Moment {
    type Err = ();

    fn from_str(text: &str) -> Result<Moment, ()> {
        let (at, id) = text.split_once('.').ok_or(())?;
        let at = at.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or(())?;
        let id = id.parse().map_err(|_| ())?;
        if (1900..=9999).contains(&at.year()) { Ok(Moment { at, id }) } else { Err(()) }
    }
}
