//! Sends what is in the outbox. Several servers may do it: each takes a mail by putting off its
//! next attempt, so that another one sends it only if this server dies before it has. That may
//! make a second copy, with the same Message-ID, but never loses a mail.
//!
//! The time here is the database's: servers need not agree on it, and no rule depends on it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::app::AppState;
use crate::db::Database;
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::mail::{Attachment, Mailer, NotSent, Outgoing};

/// How soon a mail leaves: looking costs one look into an index.
const EVERY: Duration = Duration::from_secs(2);

/// When the database could not be asked.
const AFTER_AN_ERROR: Duration = Duration::from_secs(30);

/// Sends mail as long as the program runs.
pub async fn run(state: AppState, mailer: Mailer) {
    loop {
        let pause = match send_due(&state.database, &mailer).await {
            Ok(()) => EVERY,
            Err(error) => {
                tracing::warn!(error = ?error.to_string(), "the outbox could not be read, and is tried again");
                AFTER_AN_ERROR
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Sends the mails that are due, one after the other, up to the first that fails: with a mail
/// server that is down, each round tries one mail.
pub async fn send_due(database: &Database, mailer: &Mailer) -> Result<(), AppError> {
    while let Some(taken) = database.maintain(take).await? {
        let (id, attempts) = (taken.id, taken.attempts);
        let last = taken.last_attempt;
        match mailer.send(&taken.into()).await {
            Ok(()) => {
                metrics::counter!("headroom_mails_total", "outcome" => "sent").increment(1);
                database.maintain(move |conn| sent(conn, id)).await?;
            }
            Err(error) => {
                let give_up = last || matches!(error, NotSent::Unusable(_));
                let text = error.to_string();
                if give_up {
                    tracing::error!(mail = %id, attempts, error = ?text, "a mail is given up");
                } else {
                    tracing::warn!(mail = %id, attempts, error = ?text, "a mail could not be sent, and is tried again");
                }
                let outcome = if give_up { "given_up" } else { "failed" };
                metrics::counter!("headroom_mails_total", "outcome" => outcome).increment(1);
                database.maintain(move |conn| failed(conn, id, &text, give_up)).await?;
                if matches!(error, NotSent::NotNow(_)) {
                    break;
                }
            }
        }
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    recipient: String,
    #[diesel(sql_type = Nullable<Text>)]
    sender: Option<String>,
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = Text)]
    body: String,
    #[diesel(sql_type = Nullable<Text>)]
    attachment_name: Option<String>,
    #[diesel(sql_type = Nullable<Binary>)]
    attachment: Option<Vec<u8>>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Bool)]
    last_attempt: bool,
}

impl From<Taken> for Outgoing {
    fn from(taken: Taken) -> Outgoing {
        let Taken { id, recipient, sender, subject, body, created_at, attachment_name, attachment, .. } = taken;
        let attachment = attachment_name.zip(attachment).map(|(name, bytes)| Attachment { name, bytes });
        Outgoing { id, recipient, sender, subject, body, attachment, created_at }
    }
}

/// Takes a mail that is due: after one minute, two, four and so on, at last every hour, for three
/// days.
fn take(conn: &mut PgConnection) -> Result<Option<Taken>, AppError> {
    let taken = prepared(
        "update outbox set
           attempts = attempts + 1,
           send_at = now() + least(interval '1 hour', interval '1 minute' * power(2, least(attempts, 10)))
         where id = (
           select id from outbox
           where sent_at is null and failed_at is null and send_at <= now()
           order by send_at limit 1 for update skip locked)
         returning id, recipient, subject, body, attachment_name, attachment, created_at, attempts,
                   (select mail_sender from instance_settings) as sender,
                   created_at < now() - interval '3 days' as last_attempt",
    );
    Ok(taken.get_result(conn).optional()?)
}

/// The text goes, since it may hold a link that still works.
fn sent(conn: &mut PgConnection, id: Uuid) -> Result<(), AppError> {
    prepared("update outbox set sent_at = now(), body = '', attachment = null, last_error = null where id = $1")
        .bind::<SqlUuid, _>(id)
        .execute(conn)?;
    Ok(())
}

fn failed(conn: &mut PgConnection, id: Uuid, error: &str, give_up: bool) -> Result<(), AppError> {
    prepared(
        "update outbox set last_error = $2, failed_at = case when $3 then now() end,
                           body = case when $3 then '' else body end,
                           attachment = case when $3 then null else attachment end
         where id = $1",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(error.replace('\0', ""))
    .bind::<Bool, _>(give_up)
    .execute(conn)?;
    Ok(())
}
