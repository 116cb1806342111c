//! Mail. Whoever has something to tell writes it into the outbox, in the transaction of the change
//! that causes it; `jobs::mail` sends it afterwards, at least once.

pub mod dates;
mod mailer;
pub mod password_links;

use diesel::prelude::*;

use crate::error::AppError;
use crate::schema::outbox;
pub use mailer::{Mailer, NotSent, Outgoing};

/// A mail in plain text.
#[derive(Debug, Clone)]
pub struct Mail {
    /// An e-mail address, without a name.
    pub recipient: String,
    /// One line.
    pub subject: String,
    /// Paragraphs; lines end with a line feed.
    pub body: String,
}

/// A file that goes with a mail.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Its name, in ASCII.
    pub name: String,
    /// What it holds: text as CSV.
    pub bytes: Vec<u8>,
}

/// [`enqueue`] with a file.
pub fn enqueue_with(conn: &mut PgConnection, mail: &Mail, attachment: &Attachment) -> Result<(), AppError> {
    diesel::insert_into(outbox::table)
        .values((
            outbox::recipient.eq(&mail.recipient),
            outbox::subject.eq(&mail.subject),
            outbox::body.eq(&mail.body),
            outbox::attachment_name.eq(&attachment.name),
            outbox::attachment.eq(&attachment.bytes),
        ))
        .execute(conn)?;
    Ok(())
}

/// Puts a mail into the outbox. It is sent if the transaction that the connection is in commits.
pub fn enqueue(conn: &mut PgConnection, mail: &Mail) -> Result<(), AppError> {
    enqueue_all(conn, std::slice::from_ref(mail))
}

/// [`enqueue`] for many.
pub fn enqueue_all(conn: &mut PgConnection, mails: &[Mail]) -> Result<(), AppError> {
    let rows: Vec<_> = mails
        .iter()
        .map(|mail| {
            (outbox::recipient.eq(&mail.recipient), outbox::subject.eq(&mail.subject), outbox::body.eq(&mail.body))
        })
        .collect();
    // PostgreSQL takes 65,535 values in a statement
    for some in rows.chunks(10_000) {
        diesel::insert_into(outbox::table).values(some).execute(conn)?;
    }
    Ok(())
}
