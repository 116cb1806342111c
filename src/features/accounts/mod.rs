//! One user: the page with everything about the person, adding and editing, roles, deleting and
//! restoring. The list of users is `features::users`.

mod commands;
pub mod delete_handlers;
mod delete_pages;
mod form_checks;
mod form_pages;
mod forms;
pub mod handlers;
pub mod organisation_field;
mod overtaken;
mod pages;
pub mod queries;
pub mod queries_deleted;
pub mod queries_organisations;
mod role_commands;
pub mod role_handlers;
