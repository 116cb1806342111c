//! How mail leaves: to a mail server, or, without one, into files that somebody can look at.

use std::fs;
use std::io::Write;
use std::net::IpAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use actix_web::web;
use anyhow::Context;
use chrono::{DateTime, Utc};
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{MultiPart, SinglePart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use uuid::Uuid;

use super::Attachment;
use crate::config::WebSettings;

/// How long one answer of the mail server may take, and a whole mail.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
/// Shorter than the first pause of `jobs::mail`, so that nobody else sends the same mail meanwhile.
const MAIL_TIMEOUT: Duration = Duration::from_secs(45);

/// A mail on its way out.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Makes the Message-ID: a second copy of the same mail can be recognised.
    pub id: Uuid,
    /// An e-mail address.
    pub recipient: String,
    /// Whom it is from, as the settings say; none: as the program was started.
    pub sender: Option<String>,
    /// The header of that name.
    pub subject: String,
    /// The text.
    pub body: String,
    /// A file that goes with it.
    pub attachment: Option<Attachment>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// It never can be.
    #[error("it cannot be sent: {0}")]
    Unusable(String),
    /// It may be later.
    #[error("{0}")]
    NotNow(String),
}

/// Sends mail.
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

enum Way {
    Server(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

impl Mailer {
    /// As the settings say. `folder` is where mail goes without a mail server.
    pub fn new(settings: &WebSettings, origin: &str, folder: PathBuf) -> anyhow::Result<Mailer> {
        let from = match &settings.mail_from {
            Some(from) => from.clone(),
            None => default_sender(origin)?,
        };
        let way = match &settings.smtp_url {
            Some(url) => {
                let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url);
                let server = server.map_err(|error| {
                    anyhow::anyhow!("HEADROOM_SMTP_URL has to be like smtps://user:password@host:port ({error}).")
                })?;
                if is_unencrypted_beyond_this_machine(url) {
                    tracing::warn!("mail and its password travel unencrypted: use smtps:// or ?tls=required");
                }
                Way::Server(server.timeout(Some(ANSWER_TIMEOUT)).build())
            }
            None => Way::Folder(folder),
        };
        Ok(Mailer { from, way })
    }

    /// Sends one mail, or writes it into a file.
    pub async fn send(&self, mail: &Outgoing) -> Result<(), NotSent> {
        let message = self.message(mail).map_err(|error| NotSent::Unusable(format!("{error:#}")))?;
        match &self.way {
            Way::Server(server) => {
                let sent = tokio::time::timeout(MAIL_TIMEOUT, server.send(message)).await;
                let sent = sent.map_err(|_| NotSent::NotNow("the mail server took too long".to_owned()))?;
                sent.map_err(|error| NotSent::NotNow(error.to_string()))?; // its text includes the cause
            }
            Way::Folder(folder) => {
                let path = folder.join(format!("{}.eml", mail.id));
                let (bytes, file) = (message.formatted(), path.clone());
                let written = web::block(move || write_file(&file, &bytes)).await;
                let failed = |error: anyhow::Error| NotSent::NotNow(format!("{}: {error:#}", path.display()));
                written.map_err(anyhow::Error::from).and_then(|written| Ok(written?)).map_err(failed)?;
                tracing::info!(recipient = ?mail.recipient, file = %path.display(), "a mail was written into a file");
            }
        }
        Ok(())
    }

    /// The address and the header lines are made by the library, which refuses or encodes whatever
    /// could end a line.
    fn message(&self, mail: &Outgoing) -> anyhow::Result<Message> {
        let recipient: Address = mail.recipient.parse().context("the recipient's address is not valid")?;
        let sender = mail.sender.as_deref().map(str::parse).transpose().context("the sender is not valid")?;
        let subject = mail.subject.replace(char::is_control, " ");
        let message = Message::builder()
            .from(sender.unwrap_or_else(|| self.from.clone()))
            .to(Mailbox::new(None, recipient))
            .subject(subject)
            .date(mail.created_at.into())
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            // no out-of-office replies
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        let Some(Attachment { name, bytes }) = &mail.attachment else {
            return Ok(message.header(ContentType::TEXT_PLAIN).body(mail.body.clone())?);
        };
        let file = lettre::message::Attachment::new(name.clone())
            .body(bytes.clone(), ContentType::parse("text/csv; charset=utf-8")?);
        Ok(message.multipart(MultiPart::mixed().singlepart(SinglePart::plain(mail.body.clone())).singlepart(file))?)
    }
}

fn is_unencrypted_beyond_this_machine(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("smtp://") else { return false };
    let server = rest.rsplit('@').next().unwrap_or(rest);
    let local = ["127.", "localhost", "[::1]"].iter().any(|host| server.starts_with(host));
    !local && !server.contains("tls=")
}

/// At the host of the origin, if that has a name.
fn default_sender(origin: &str) -> anyhow::Result<Mailbox> {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let named = match host.rsplit_once(':') {
        Some((name, _port)) => name,
        None => host,
    };
    let named = if host.starts_with('[') || named.parse::<IpAddr>().is_ok() { "localhost" } else { named };
    let address =
        Address::new("headroom", named).context("HEADROOM_PUBLIC_ORIGIN has no host that mail can be from")?;
    Ok(Mailbox::new(Some("Headroom".to_owned()), address))
}

/// For its owner only, since mail holds links to set passwords; complete or not there at all.
fn write_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let unfinished = path.with_extension("part");
    let mut file = fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(bytes)?;
    fs::rename(unfinished, path)
}
