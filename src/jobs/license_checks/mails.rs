//! Mail about notices: to the account managers and the org admins of a root, in the dates and the time zone of each.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use super::judge::{Finding, Notice};
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::features::notices::words::{Reader, Told, told};
use crate::ids::OrganisationId;
use crate::mail::dates::Dates;
use crate::mail::{self, Mail};

#[derive(QueryableByName)]
struct Recipient {
    #[diesel(sql_type = SqlUuid)]
    root_id: OrganisationId,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    first_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    language: Option<String>,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Bool)]
    frees_licenses: bool,
}

/// Puts the mails of these notices into the outbox.
pub(super) fn enqueue(
    conn: &mut PgConnection,
    origin: &str,
    notices: &[(&Finding, &Notice)],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    if notices.is_empty() {
        return Ok(());
    }
    let roots: Vec<OrganisationId> = notices.iter().map(|(finding, _)| finding.root).collect();
    let recipients: Vec<Recipient> = prepared(include_str!("recipients.sql"))
        .bind::<Array<SqlUuid>, _>(roots)
        .bind::<Timestamptz, _>(now)
        .load(conn)?;
    let mut mails = Vec::new();
    for (finding, notice) in notices {
        for recipient in recipients.iter().filter(|recipient| recipient.root_id == finding.root) {
            mails.push(letter(finding, notice, recipient, origin));
        }
    }
    mail::enqueue_all(conn, &mails)
}

fn letter(finding: &Finding, notice: &Notice, to: &Recipient, origin: &str) -> Mail {
    let dates = Dates::new(to.language.as_deref(), &to.time_zone);
    let reader = Reader { frees_licenses: to.frees_licenses, sees_agreement: true };
    let Told { heading, paragraphs, links } = told(&notice.news, finding.root, &finding.name, &dates, reader);
    let links: Vec<String> = links.iter().map(|(label, address)| format!("{label}:\n{origin}{address}\n")).collect();
    let body = format!(
        "Hello {},\n\n{heading} ({}).\n\n{}\n\n{}\nAll notices:\n{origin}/notices\n",
        to.first_name,
        dates.moment(notice.at),
        paragraphs.join("\n\n"),
        links.join("\n"),
    );
    Mail { recipient: to.email.clone(), subject: heading, body }
}
