//! The Org list as it is shown.

use askama::Template;

use super::queries::Listed;
use crate::web::meter::Usage;
use crate::web::page::Chrome;
use crate::web::pager::Pager;

/// The deepest indentation that there is a style for; deeper rows stay at it.
const DEEPEST_INDENT: u32 = 8;

/// GET `/organisations`.
#[derive(Template)]
#[template(path = "organisations/list.html")]
pub struct ListPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// "27 organisations", "2 of 27 …" is not known when searching.
    pub lede: String,
    /// As typed.
    pub search: String,
    /// The rows, depth first.
    pub rows: Vec<Row>,
    /// Other pages.
    pub pager: Pager,
    /// The person may create organisations.
    pub may_create: bool,
}

/// An organisation.
pub struct Row {
    /// Its name.
    pub name: String,
    /// The names above it, when they are not shown as a tree.
    pub above: String,
    /// Level for assistive technology, 1 at the top.
    pub level: u32,
    /// Level for the eye.
    pub indent: u32,
    /// Its report.
    pub address: String,
    /// What is agreed on with it, for whoever may see that.
    pub agreement: Option<String>,
    /// The figures of its subtree.
    pub usage: Usage,
}

/// What stands above a row, and so whether it has to tell its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the tree, with its parents above it.
    UnderItsParent,
    /// In the tree, but first on its page: the parents are on the page before.
    FirstOnItsPage,
    /// A search result.
    Alone,
}

impl Row {
    /// A row in its place.
    pub fn new(listed: Listed, place: Place, sees_agreement: bool) -> Row {
        let usage = listed.usage();
        Row {
            above: if place == Place::UnderItsParent { String::new() } else { listed.above },
            level: listed.level + 1,
            indent: if place == Place::Alone { 0 } else { listed.level.min(DEEPEST_INDENT) },
            address: format!("/organisations/{}/licenses", listed.id),
            agreement: sees_agreement.then(|| format!("/organisations/{}/agreement", listed.id)),
            usage,
            name: listed.name,
        }
    }
}
