//! Domain values as SQL parameters, and functions of SQL.

use diesel::sql_types::Text;

use crate::domain::access::Scope;
use crate::ids::OrganisationId;

diesel::define_sql_function!(
    /// Lower case as the database makes it.
    fn lower(text: Text) -> Text
);

/// A scope as a parameter of a query: the roots of its subtrees, or NULL for everything.
/// Every query of scoped things has a condition on it.
pub fn scope_parameter(scope: &Scope) -> Option<Vec<OrganisationId>> {
    match scope {
        Scope::Everything => None,
        Scope::Subtrees(organisations) => Some(organisations.clone()),
    }
}
