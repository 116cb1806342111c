//! The accounts that people look around with (`domain.md` section 10).

use diesel::prelude::*;

use crate::db::audit::{Audited, Entry};
use crate::domain::access::Role;
use crate::error::AppError;
use crate::features::sign_in::hashing;
use crate::schema::users;

/// A demo account.
#[derive(Debug, Clone, Copy)]
pub struct Account {
    /// The name to sign in with.
    pub username: &'static str,
    /// First and last name.
    pub name: (&'static str, &'static str),
    /// The path of the home organisation; the vendor's people have none.
    pub home: Option<&'static str>,
    /// The role on the home organisation, or on the root "Acme Group".
    pub role: Option<Role>,
    /// What to look at with it.
    pub purpose: &'static str,
}

/// All of them.
pub const ACCOUNTS: [Account; 6] = [
    Account {
        username: "instance.admin",
        name: ("Ines", "Tamm"),
        home: None,
        role: Some(Role::InstanceAdmin),
        purpose: "runs the deployment: sees Acme Group and Globex, changes settings",
    },
    Account {
        username: "account.manager",
        name: ("Marek", "Vos"),
        home: None,
        role: Some(Role::AccountManager),
        purpose: "the vendor's contact of Acme Group",
    },
    Account {
        username: "org.admin",
        name: ("Ada", "Obi"),
        home: Some("Acme Group"),
        role: Some(Role::OrgAdmin),
        purpose: "org admin of Acme Group and everything below it",
    },
    Account {
        username: "user.manager",
        name: ("Uma", "Reyes"),
        home: Some("Acme Group"),
        role: Some(Role::UserManager),
        purpose: "user manager of Acme Group",
    },
    Account {
        username: "child.admin",
        name: ("Carl", "Brandt"),
        home: Some("Acme Group > Acme Deutschland"),
        role: Some(Role::OrgAdmin),
        purpose: "org admin of Acme Deutschland only",
    },
    Account {
        username: "learner",
        name: ("Lena", "Sato"),
        home: Some("Acme Group > Acme UK & Ireland"),
        role: None,
        purpose: "a learner with one live and one expired enrolment",
    },
];

/// Gives all demo accounts that there are this password; returns how many there are. Those who
/// have it already keep their sessions.
pub fn set_passwords(conn: &mut PgConnection, password: &str) -> Result<Audited<usize>, AppError> {
    let present: Vec<(uuid::Uuid, Option<String>)> = users::table
        .filter(users::username_key.eq_any(ACCOUNTS.map(|account| account.username)))
        .filter(users::email.like("%.example"))
        .select((users::id, users::password_hash))
        .load(conn)?;
    let outdated: Vec<uuid::Uuid> = present
        .iter()
        .filter(|(_, hash)| !hash.as_deref().is_some_and(|hash| hashing::verify(password, hash)))
        .map(|(id, _)| *id)
        .collect();
    if outdated.is_empty() {
        return Ok(Audited::unchanged(present.len()));
    }
    let hash = hashing::hash(password).map_err(AppError::Internal)?;
    diesel::update(users::table.filter(users::id.eq_any(&outdated)))
        .set(users::password_hash.eq(hash))
        .execute(conn)?;
    let entry = Entry::new("demo.passwords_set").detail(serde_json::json!({ "accounts": outdated.len() }));
    Ok(Audited::new(present.len(), entry))
}
