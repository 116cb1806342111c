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
    /// The person may see everything, and so could create the first organisation.
    pub sees_everything: bool,
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
    /// The figures of its subtree.
    pub usage: Usage,
}

impl Row {
    /// `flat`: a search result, which needs its path.
    pub fn new(listed: Listed, flat: bool) -> Row {
        Row {
            above: if flat { listed.above } else { String::new() },
            level: listed.level + 1,
            indent: if flat { 0 } else { listed.level.min(DEEPEST_INDENT) },
            address: format!("/organisations/{}/licenses", listed.id),
            usage: Usage::listed(listed.limit, listed.used, listed.has_limit),
            name: listed.name,
        }
    }
}
