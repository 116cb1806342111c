//! Domain values as SQL parameters.

use crate::domain::access::Scope;
use crate::ids::OrganisationId;

/// A scope as a parameter of a query: the roots of its subtrees, or NULL for everything.
/// Every query of scoped things has a condition on it.
pub fn scope_parameter(scope: &Scope) -> Option<Vec<OrganisationId>> {
    match scope {
        Scope::Everything => None,
        Scope::Subtrees(organisations) => Some(organisations.clone()),
    }
}
