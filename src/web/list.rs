//! What long lists share: headings that sort, pages, and the rows that are selected. A list is one
//! form that is sent by GET, so that ticked rows go along wherever its buttons lead.

use uuid::Uuid;

use crate::web::format::grouped_count;
use crate::web::pager::with_query;
use crate::web::selection::Selection;

/// How many rows match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// Exactly so many.
    Exact(u64),
    /// More than so many; counting them takes longer than showing some.
    MoreThan(u64),
}

impl Total {
    /// "4,930", "more than 10,000".
    pub fn words(self) -> String {
        match self {
            Total::Exact(count) => grouped_count(count),
            Total::MoreThan(count) => format!("more than {}", grouped_count(count)),
        }
    }
}

/// Names and values, for an address or for hidden fields.
#[derive(Debug, Clone, Default)]
pub struct Pairs(pub Vec<(&'static str, String)>);

/// A heading that sorts.
#[derive(Debug)]
pub struct Heading {
    /// What it says.
    pub label: &'static str,
    /// Sorts by it, or turns the order round.
    pub address: String,
    /// `ascending` or `descending` when the list is sorted by it.
    pub sorted: Option<&'static str>,
}

impl Heading {
    /// `descending`: how the list is sorted, if it is by this column.
    pub fn new(label: &'static str, path: &str, descending: Option<bool>, next: &[(&'static str, String)]) -> Heading {
        Heading {
            label,
            address: with_query(path, next.iter().map(|(name, value)| (name, value))),
            sorted: descending.map(|descending| if descending { "descending" } else { "ascending" }),
        }
    }
}

/// Another page: a button of the list's form, so that what is ticked here goes along; a link when
/// everything is selected.
#[derive(Debug)]
pub struct Turn {
    /// The value of `page`.
    pub page: String,
    /// Where it leads.
    pub address: String,
}

/// The pages of a list.
#[derive(Debug)]
pub struct Paging {
    /// "1 to 20 of 4,930".
    pub range: String,
    /// Turning is done by links.
    pub by_links: bool,
    /// The first page, where it is not the one before.
    pub first: Option<Turn>,
    /// The page before.
    pub previous: Option<Turn>,
    /// The page after.
    pub next: Option<Turn>,
    /// The last page, when it is known which that is.
    pub last: Option<Turn>,
}

impl Paging {
    /// For page `number` (the first is 1) with rows from `ends.0` to `ends.1`.
    pub fn new(
        path: &str,
        pairs: &[(&'static str, String)],
        number: u32,
        page_size: u32,
        total: Total,
        shown: Shown,
        selection: &Selection,
    ) -> Paging {
        let size = u64::from(page_size);
        let first = u64::from(number - 1) * size + 1;
        let end = first + (shown.count as u64).saturating_sub(1);
        let turn = |page: String| {
            let all = pairs.iter().map(|(name, value)| (*name, value.clone()));
            let address = with_query(path, all.chain(selection.pairs()).chain([("page", page.clone())]));
            Turn { page, address }
        };
        let known = match total {
            Total::Exact(total) => Some(total),
            Total::MoreThan(_) => None,
        };
        let has_next = known.map_or(shown.count as u64 == size, |total| end < total);
        let pages = known.map(|total| total.div_ceil(size));
        Paging {
            range: match shown.count {
                0 => String::new(),
                _ => format!("{} to {} of {}", grouped_count(first), grouped_count(end), total.words()),
            },
            by_links: *selection == Selection::All,
            first: (number > 2).then(|| turn("1".to_owned())),
            previous: (number > 1).then(|| match shown.first {
                Some(id) if number > 2 => turn(format!("{}.before.{id}", number - 1)),
                _ => turn("1".to_owned()),
            }),
            next: shown.last.filter(|_| has_next).map(|id| turn(format!("{}.after.{id}", number.saturating_add(1)))),
            last: pages.zip(known).filter(|(pages, _)| has_next && *pages > u64::from(number) + 1).map(
                |(pages, total)| {
                    let rows = total - (pages - 1) * size;
                    turn(format!("{pages}.end.{rows}"))
                },
            ),
        }
    }
}

/// The rows of a page.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shown {
    /// How many.
    pub count: usize,
    /// The first one's id.
    pub first: Option<Uuid>,
    /// The last one's id.
    pub last: Option<Uuid>,
}

impl Shown {
    /// From the ids of all rows.
    pub fn new(ids: &[Uuid]) -> Shown {
        Shown { count: ids.len(), first: ids.first().copied(), last: ids.last().copied() }
    }
}

/// What is selected, below the list.
#[derive(Debug)]
pub struct Picked {
    /// Everything that matches is selected.
    pub all: bool,
    /// How many rows are selected.
    pub count: String,
    /// How many match.
    pub total: String,
    /// Not all that is selected can be among what matches: an earlier search found the others.
    pub beyond: bool,
    /// Selects all that match.
    pub select_all: String,
    /// "Select all 340 that match".
    pub select_words: String,
    /// "All 340 that match are selected".
    pub all_words: String,
    /// Selects nothing.
    pub clear: String,
    /// The query that goes along with a bulk action on all.
    pub query: String,
}

impl Picked {
    /// `pairs`: filters and sorting; `shown`: the rows of the page.
    pub fn new(
        path: &str,
        pairs: &[(&'static str, String)],
        selection: &Selection,
        total: Total,
        shown: &[Uuid],
    ) -> Picked {
        let elsewhere = selection.elsewhere(shown).len() as u64;
        let (select_words, all_words) = match total {
            Total::Exact(1) => ("Select the 1 that matches".to_owned(), "The 1 that matches is selected".to_owned()),
            Total::Exact(_) => {
                let all = total.words();
                (format!("Select all {all} that match"), format!("All {all} that match are selected"))
            }
            Total::MoreThan(_) => {
                let more = total.words();
                (format!("Select all that match, {more}"), format!("All that match are selected, {more}"))
            }
        };
        let own = || pairs.iter().map(|(name, value)| (*name, value.as_str()));
        Picked {
            all: *selection == Selection::All,
            count: match selection {
                Selection::Ticked(ids) => grouped_count(ids.len() as u64),
                Selection::All => total.words(),
            },
            total: total.words(),
            beyond: matches!(total, Total::Exact(total) if elsewhere > total.saturating_sub(shown.len() as u64)),
            select_all: with_query(path, own().chain([("all", "1")])),
            select_words,
            all_words,
            clear: with_query(path, own()),
            query: with_query("", own().chain([("all", "1")])),
        }
    }
}
