//! What the desk shows, in which order: all of it is in the address.

use serde::Deserialize;

/// A column to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortBy {
    /// The most urgent first, always.
    #[default]
    Urgency,
    /// Name.
    Name,
    /// User Limit.
    Limit,
    /// Used.
    Used,
    /// Percentage Used.
    Percentage,
    /// The end of the license year.
    Renewal,
}

impl SortBy {
    /// All of them, in the order of the columns, with the headings.
    pub const ALL: [(SortBy, &'static str); 6] = [
        (SortBy::Name, "Name"),
        (SortBy::Urgency, "State"),
        (SortBy::Limit, "User Limit"),
        (SortBy::Used, "Used"),
        (SortBy::Percentage, "Percentage Used"),
        (SortBy::Renewal, "Renewal"),
    ];

    /// The name in addresses.
    pub fn code(self) -> &'static str {
        match self {
            SortBy::Urgency => "urgency",
            SortBy::Name => "name",
            SortBy::Limit => "limit",
            SortBy::Used => "used",
            SortBy::Percentage => "percentage",
            SortBy::Renewal => "renewal",
        }
    }
}

/// States to look for, with the words of the filter.
pub const STATES: [(&str, &str); 8] = [
    ("", "Any"),
    ("over", "Over the limit"),
    ("major", "Major overage"),
    ("overdue", "Minor, overdue"),
    ("minor", "Minor, not due yet"),
    ("no_higher_tier", "No higher tier"),
    ("coming", "Over on a coming day"),
    ("within", "Within the limit"),
];

/// Which accounts are wanted, and in which order.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Part of a name; empty: all.
    pub name: String,
    /// One of [`STATES`]; empty: any.
    pub state: String,
    /// The column.
    pub by: SortBy,
    /// The largest first.
    pub descending: bool,
    /// The page; the first is 1.
    pub page: u32,
}

/// As it stands in the address. What cannot be read counts as not given.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DeskQuery {
    q: String,
    state: String,
    sort: String,
    page: String,
}

impl DeskQuery {
    /// What is asked for.
    pub fn wanted(&self) -> Wanted {
        let name: String = self.q.chars().filter(|c| !c.is_control()).take(200).collect();
        let (column, descending) = match self.sort.strip_prefix('-') {
            Some(column) => (column, true),
            None => (self.sort.as_str(), false),
        };
        let by = SortBy::ALL.into_iter().map(|(by, _)| by).find(|by| by.code() == column).unwrap_or_default();
        Wanted {
            name: name.trim().to_owned(),
            state: STATES.iter().find(|(code, _)| *code == self.state).map_or("", |(code, _)| code).to_owned(),
            by,
            descending: descending && by != SortBy::Urgency,
            page: crate::web::pager::page_number(Some(&self.page)),
        }
    }
}

impl Wanted {
    /// The pairs of an address that shows the same in another order; the default is left out.
    pub fn pairs(&self, by: SortBy, descending: bool) -> Vec<(&'static str, String)> {
        let sort = match (by, descending) {
            (SortBy::Urgency, _) => String::new(),
            (by, true) => format!("-{}", by.code()),
            (by, false) => by.code().to_owned(),
        };
        vec![("q", self.name.clone()), ("state", self.state.clone()), ("sort", sort)]
    }
}
