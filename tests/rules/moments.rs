//! Days and moments as ISO text, so that tests can be read.

use chrono::{DateTime, NaiveDate, Utc};

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
