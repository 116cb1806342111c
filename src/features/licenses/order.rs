//! What an address asks of the report: how its children are sorted, by any column, either way; and for which day.

use chrono::NaiveDate;
use serde::Deserialize;

/// A column that the children can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SortBy {
    /// Name.
    #[default]
    Name,
    /// User Limit.
    Limit,
    /// Used.
    Used,
    /// Remaining.
    Remaining,
    /// Percentage Used.
    Percentage,
}

impl SortBy {
    /// Every column with its heading, in the order of the table.
    pub const ALL: [(SortBy, &'static str); 5] = [
        (SortBy::Name, "Name"),
        (SortBy::Limit, "User Limit"),
        (SortBy::Used, "Used"),
        (SortBy::Remaining, "Remaining"),
        (SortBy::Percentage, "Percentage Used"),
    ];

    /// The name in addresses and in the query.
    pub fn name(self) -> &'static str {
        match self {
            SortBy::Name => "name",
            SortBy::Limit => "limit",
            SortBy::Used => "used",
            SortBy::Remaining => "remaining",
            SortBy::Percentage => "percentage",
        }
    }
}

/// How the children are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Order {
    /// By which column.
    pub by: SortBy,
    /// The largest first.
    pub descending: bool,
}

impl Order {
    /// As a query, empty for the usual order.
    pub fn query(self) -> String {
        match (self == Order::default(), self.descending) {
            (true, _) => String::new(),
            (false, false) => format!("sort={}", self.by.name()),
            (false, true) => format!("sort={}&order=desc", self.by.name()),
        }
    }
}

/// Which report is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// How the children are sorted.
    pub order: Order,
    /// For another day than today.
    pub on: Option<NaiveDate>,
}

impl Asked {
    /// As a query, empty for the usual report.
    pub fn query(self) -> String {
        let day = self.on.map(|on| format!("on={on}")).unwrap_or_default();
        let parts = [day, self.order.query()].into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("&")
    }
}
