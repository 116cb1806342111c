//! Links by which a person sets a password. The mail has a random token, the table its hash:
//! whoever reads a backup cannot set a password with it.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use rand::distr::{Alphanumeric, SampleString};
use sha2::{Digest, Sha256};

use super::{Mail, enqueue};
use crate::error::AppError;
use crate::ids::UserId;
use crate::schema::{password_links, users};

/// More than 250 bits. Letters and digits only: mail programs take those for parts of a link.
const TOKEN_LENGTH: usize = 43;

/// Why somebody gets a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The account was just added and has no password yet.
    NewAccount,
    /// The person, or somebody who claims to be them, asked for a new password.
    Forgotten,
}

impl Purpose {
    /// How long the link works.
    pub fn lasts(self) -> Duration {
        match self {
            Purpose::NewAccount => Duration::days(7),
            Purpose::Forgotten => Duration::hours(1),
        }
    }
}

/// Makes a link and puts the mail into the outbox: all in the transaction that the connection is in.
/// `origin`: where people reach this program.
///
/// The link of a new account ends the earlier ones, which may have gone to another address. Anybody
/// can ask for a forgotten password, so that link ends no other: only using one does.
pub fn send(
    conn: &mut PgConnection,
    origin: &str,
    user: UserId,
    purpose: Purpose,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    // one link at a time: whoever else makes or uses one for this person waits
    let (username, first_name, email): (String, String, String) = users::table
        .find(user)
        .select((users::username, users::first_name, users::email))
        .for_no_key_update()
        .first(conn)?;
    if purpose == Purpose::NewAccount {
        end(conn, user, now)?;
    }
    let token = Alphanumeric.sample_string(&mut rand::rng(), TOKEN_LENGTH);
    diesel::insert_into(password_links::table)
        .values((
            password_links::token_hash.eq(hash(&token)),
            password_links::user_id.eq(user),
            password_links::created_at.eq(now),
            password_links::expires_at.eq(now + purpose.lasts()),
        ))
        .execute(conn)?;
    let (subject, reason, otherwise) = match purpose {
        Purpose::NewAccount => (
            "Your Headroom account",
            "you have an account on Headroom now. Choose a password for it within 7 days:",
            "If you did not expect this mail, you need not do anything.",
        ),
        Purpose::Forgotten => (
            "Set a new Headroom password",
            "somebody asked for a new password for your account on Headroom.\nIf it was you, choose one within one hour:",
            "If it was not you, you need not do anything: your password stays\nas it is.",
        ),
    };
    let body = format!(
        "Hello {first_name},\n\n{reason}\n\n{origin}/password/{token}\n\nYour username is: {username}\n\n\
         The link works once. When it no longer works, ask for a new one:\n{origin}/password/forgot\n\n{otherwise}\n"
    );
    enqueue(conn, &Mail { recipient: email, subject: subject.to_owned(), body })
}

/// Ends the links of a person that still work.
pub fn end(conn: &mut PgConnection, user: UserId, now: DateTime<Utc>) -> Result<(), AppError> {
    let working = password_links::table
        .filter(password_links::user_id.eq(user))
        .filter(password_links::used_at.is_null())
        .filter(password_links::expires_at.gt(now));
    diesel::update(working).set(password_links::expires_at.eq(now)).execute(conn)?;
    Ok(())
}

/// What the table has of a token.
pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}
