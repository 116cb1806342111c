//! The query of the list of enrolments: search, filters, sorting, page and selection. What cannot be
//! read counts as not given.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::queries::{Filter, Order, SortBy, State};
use crate::error::AppError;
use crate::web::query::or_default;
use crate::web::selection::{Selection, SelectionQuery, understood, unknown};

/// As it stands in the address.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    q: String,
    organisation: String,
    state: String,
    #[serde(deserialize_with = "or_default")]
    sort: SortBy,
    order: String,
    page: String,
    ids: Vec<String>,
    all: String,
    /// The audit entry of what was just done.
    done: String,
}

/// The states with their names in addresses and on the screen.
pub const STATES: [(State, &str, &str); 6] = [
    (State::Live, "live", "Live"),
    (State::Expired, "expired", "Expired"),
    (State::Coming, "coming", "Not started"),
    (State::Completed, "completed", "Completed"),
    (State::NotCompleted, "not_completed", "Not completed"),
    (State::NeverOpened, "never_opened", "Never opened"),
];

impl ListQuery {
    /// What the list is narrowed down to.
    pub fn filter(&self) -> Filter {
        let search: String = self.q.chars().filter(|c| !c.is_control()).take(200).collect();
        Filter {
            search: search.trim().to_owned(),
            organisation: self.organisation.parse().ok(),
            state: STATES.iter().find(|(_, name, _)| *name == self.state).map(|(state, _, _)| *state),
        }
    }

    /// What the list is sorted by.
    pub fn order(&self) -> Order {
        Order { by: self.sort, descending: self.order == "desc" }
    }

    /// The same list without some of the rows that are ticked.
    #[must_use]
    pub fn without(mut self, gone: &[Uuid]) -> Self {
        self.ids.retain(|id| id.parse().map_or(true, |id: Uuid| !gone.contains(&id)));
        self
    }

    /// Which rows are selected.
    pub fn selection(&self) -> Result<Selection, AppError> {
        Selection::parse(&SelectionQuery { ids: self.ids.clone(), all: self.all.clone() })
    }

    /// Refuses a change of all that match a filter that is not understood.
    pub fn understood(&self) -> Result<(), AppError> {
        let (filter, states) = (self.filter(), STATES.map(|(_, name, _)| name).join(", "));
        let state = unknown("a state", &self.state, filter.state.is_some(), &format!("one of {states}"));
        let organisation = unknown(
            "the id of an organisation",
            &self.organisation,
            filter.organisation.is_some(),
            "the id as in the address of its page",
        );
        understood(&self.all, [state, organisation])
    }

    /// The page; whatever stands after its number says how other lists get there.
    pub fn page(&self) -> u32 {
        crate::web::pager::page_number(self.page.split('.').next())
    }

    /// The audit entry of what was just done, or `nothing`.
    pub fn done(&self) -> &str {
        &self.done
    }
}

/// The pairs of an address that narrow the list down to the same.
pub fn filter_pairs(filter: &Filter) -> Vec<(&'static str, String)> {
    let state = STATES.iter().find(|(state, _, _)| Some(*state) == filter.state);
    let pairs = [
        ("q", filter.search.clone()),
        ("organisation", filter.organisation.map(|id| id.to_string()).unwrap_or_default()),
        ("state", state.map(|(_, name, _)| (*name).to_owned()).unwrap_or_default()),
    ];
    pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

impl SortBy {
    /// The name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            SortBy::Name => "name",
            SortBy::Starts => "starts",
            SortBy::Expires => "expires",
            SortBy::Due => "due",
            SortBy::Completed => "completed",
        }
    }
}

/// The pairs of an address that sort the list in the same way; none for the usual order.
pub fn order_pairs(order: Order) -> Vec<(&'static str, String)> {
    let by = (order.by != SortBy::default() || order.descending).then(|| ("sort", order.by.name().to_owned()));
    let descending = order.descending.then(|| ("order", "desc".to_owned()));
    by.into_iter().chain(descending).collect()
}
