//! The screens and their data, one folder each. Inside a folder data flows one way:
//! routes, handlers, queries or commands (which ask `domain`), pages, templates.
//!
//! Architecture invariant: a feature may call another's `queries`, never its handlers, commands
//! or pages.

pub mod accounts;
pub mod agreements;
pub mod audit;
pub mod background;
pub mod desk;
pub mod enrolments;
pub mod experiences;
pub mod imports;
pub mod learning;
pub mod licenses;
pub mod limits;
pub mod notices;
pub mod organisations;
pub mod passwords;
pub mod settings;
pub mod sign_in;
pub mod takeover;
pub mod users;
