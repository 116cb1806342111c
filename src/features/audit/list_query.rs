//! The query of the audit log: filters and place, all in the address. What cannot be read counts as
//! not given, so that an old bookmark still opens the log.

use serde::Deserialize;

use super::queries::Filter;
use crate::web::form::date;
use crate::web::moment::Moment;

/// As it stands in the address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    person: String,
    action: String,
    kind: String,
    from: String,
    to: String,
    after: String,
}

impl ListQuery {
    /// What the log is narrowed down to.
    pub fn filter(&self) -> Filter {
        let person: String = self.person.chars().filter(|c| !c.is_control()).take(200).collect();
        let name = |text: &str| {
            let is_name = !text.is_empty() && text.bytes().all(|c| c.is_ascii_lowercase() || matches!(c, b'_' | b'.'));
            is_name.then(|| text.to_owned())
        };
        Filter {
            person: person.trim().to_owned(),
            action: name(&self.action),
            kind: name(&self.kind),
            from: date(&self.from).ok().flatten(),
            to: date(&self.to).ok().flatten(),
        }
    }

    /// The last entry of the page before.
    pub fn after(&self) -> Option<Moment> {
        self.after.parse().ok()
    }
}

/// The pairs of an address that narrow the log down to the same.
pub fn pairs(filter: &Filter) -> Vec<(&'static str, String)> {
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let pairs = [
        ("person", filter.person.clone()),
        ("action", filter.action.clone().unwrap_or_default()),
        ("kind", filter.kind.clone().unwrap_or_default()),
        ("from", day(filter.from)),
        ("to", day(filter.to)),
    ];
    pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}
