//! What somebody has looked at before a change of many things, as the hidden field `seen` of its page says it.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

/// A fingerprint of the things as they were, and when that was: `FINGERPRINT@MICROSECONDS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// The same as long as nobody has changed any of them.
    pub fingerprint: String,
    /// None: the form does not say when.
    pub at: Option<DateTime<Utc>>,
}

impl fmt::Display for Looked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@", self.fingerprint)?;
        self.at.map_or(Ok(()), |at| write!(f, "{}", at.timestamp_micros()))
    }
}

/// The text says nothing about what was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotLooked;

impl FromStr for Looked {
    type Err = NotLooked;

    fn from_str(text: &str) -> Result<Looked, NotLooked> {
        let (fingerprint, at) = text.split_once('@').ok_or(NotLooked)?;
        let at = at.parse().ok().and_then(DateTime::from_timestamp_micros);
        Ok(Looked { fingerprint: fingerprint.to_owned(), at })
    }
}
