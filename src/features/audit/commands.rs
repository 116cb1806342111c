//! What the log writes about itself.

use serde_json::json;

use super::list_query::pairs;
use super::queries::Filter;
use crate::db::audit::{Audited, Entry};
use crate::ids::OrganisationId;

/// The log left the program as a file. Whom the filter named stays out of it: names are personal data.
pub fn record_export(filter: &Filter, home: Option<OrganisationId>) -> Audited<()> {
    let filters: Vec<&str> = pairs(filter).into_iter().map(|(name, _)| name).collect();
    let entry = Entry::new("audit.exported").on(home).detail(json!({ "filters": filters }));
    Audited::new((), entry)
}
