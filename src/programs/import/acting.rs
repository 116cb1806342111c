//! On whose behalf the command acts, and where.

use anyhow::{anyhow, bail};
use chrono::{DateTime, Utc};
use diesel::PgConnection;

use crate::db;
use crate::features::accounts::queries_organisations::{self, Organisation};
use crate::features::sign_in::queries::{credentials, instance_admins};
use crate::ids::OrganisationId;
use crate::web::guards::{Allowed, Import, SignedIn};

/// How many are named where there are several.
const NAMED: usize = 5;

/// Somebody whose role allows importing.
pub fn on_behalf_of(
    conn: &mut PgConnection,
    username: Option<&str>,
    now: DateTime<Utc>,
) -> anyhow::Result<Allowed<Import>> {
    let Some(username) = username else { return only_instance_admin(conn, now) };
    let found = db::read(conn, |conn| match credentials(conn, username.trim())? {
        Some(account) => Ok(Some(SignedIn::for_account(conn, account.id, now)?)),
        None => Ok(None),
    })?;
    let account = found.ok_or_else(|| anyhow!("Nobody has the username {username}."))?;
    let person = account.ok_or_else(|| anyhow!("The account of {username} has expired."))?;
    let standing = person.viewer().standing();
    Allowed::new(person)
        .ok_or_else(|| anyhow!("{username} ({standing}) may not import users; an org admin or instance admin may."))
}

fn only_instance_admin(conn: &mut PgConnection, now: DateTime<Utc>) -> anyhow::Result<Allowed<Import>> {
    let mut admins = db::read(conn, |conn| {
        let mut able = Vec::new();
        for (id, username) in instance_admins(conn)? {
            if let Some(person) = SignedIn::for_account(conn, id, now)? {
                able.push((username, person));
            }
        }
        Ok(able)
    })?;
    if admins.len() > 1 {
        let names: Vec<_> = admins.iter().take(NAMED).map(|(username, _)| format!("--as {username}")).collect();
        let more = if admins.len() > NAMED { " or another" } else { "" };
        bail!("There are several instance admins; say on whose behalf you import: {}{more}.", names.join(" or "));
    }
    let only = admins.pop().and_then(|(_, person)| Allowed::new(person));
    only.ok_or_else(|| {
        anyhow!(
            "There is no instance admin. Create one by headroom create-admin, or say on which org admin's behalf you \
             import: --as USERNAME."
        )
    })
}

/// The organisation that the import is for, within the person's scope.
pub fn organisation(conn: &mut PgConnection, by: &Allowed<Import>, given: &str) -> anyhow::Result<Organisation> {
    let given = given.trim();
    let found = db::read(conn, |conn| match given.parse::<OrganisationId>() {
        Ok(id) => Ok(queries_organisations::organisation(conn, by, id)?.into_iter().collect()),
        Err(_) => queries_organisations::organisations_named(conn, by, given),
    })?;
    let name = &by.by().viewer().name;
    match <[Organisation; 1]>::try_from(found) {
        Ok([organisation]) => Ok(organisation),
        Err(none) if none.is_empty() => bail!("There is no organisation {given} where {name} may import users."),
        Err(_) => bail!("Several organisations are called {given}; give the path from the root, like Acme > Nordics."),
    }
}
