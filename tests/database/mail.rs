//! Mail, from the outbox to a real mail server.

use std::net::TcpListener;

use chrono::{TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use headroom::config::WebSettings;
use headroom::domain::email::is_sendable;
use headroom::ids::UserId;
use headroom::jobs::housekeeping;
use headroom::mail::password_links::{self, Purpose};
use headroom::mail::{Mail, Mailer, enqueue};
use headroom::schema::{outbox, password_links as links};
use uuid::Uuid;

use crate::support::app::settings;
use crate::support::builders;
use crate::support::database::TestDatabase;
use crate::support::smtp::{MailServer, UNKNOWN, deliver, mailer};

fn queue(conn: &mut PgConnection, recipient: &str, subject: &str, body: &str) -> Uuid {
    let mail = Mail { recipient: recipient.to_owned(), subject: subject.to_owned(), body: body.to_owned() };
    enqueue(conn, &mail).expect("a mail in the outbox");
    outbox::table.select(outbox::id).order(outbox::created_at.desc()).first(conn).expect("its id")
}

/// Attempts, sent, given up, and what is still there of the text.
fn state(conn: &mut PgConnection, id: Uuid) -> (i32, bool, bool, String) {
    outbox::table
        .find(id)
        .select((outbox::attempts, outbox::sent_at.is_not_null(), outbox::failed_at.is_not_null(), outbox::body))
        .first(conn)
        .expect("the mail")
}

/// Minutes until the next attempt.
fn pause(conn: &mut PgConnection, id: Uuid) -> i64 {
    let minutes = sql::<BigInt>("round(extract(epoch from send_at - now()) / 60)::bigint");
    outbox::table.find(id).select(minutes).first(conn).expect("the mail")
}

fn pass_the_pause(conn: &mut PgConnection) {
    conn.batch_execute("update outbox set send_at = now() where sent_at is null").expect("mails that are due");
}

#[test]
fn a_mail_arrives_with_the_headers_that_it_needs() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let server = MailServer::start();
    let id = queue(conn, "zoe@people.example", "Schöne Grüße", "Hello Zoë,\n\n.first\nhttps://x.example/a=b\n");
    deliver(&database, &mailer(&server.url()));

    let mails = server.received();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("headroom@headroom.example.org", &["zoe@people.example".to_owned()][..])
    );
    assert_eq!(mail.header("From"), "Headroom <headroom@headroom.example.org>");
    assert_eq!(mail.header("To"), "zoe@people.example");
    assert_eq!(mail.header("Subject"), "=?utf-8?b?U2Now7ZuZSBHcsO8w59l?=");
    assert_eq!(mail.header("Message-ID"), format!("<{id}@headroom.example.org>"));
    assert_eq!(mail.header("Content-Type"), "text/plain; charset=utf-8");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert!(chrono::DateTime::parse_from_rfc2822(&mail.header("Date")).is_ok());
    assert!(mail.body().contains("Hello Zo=C3=AB,\r\n\r\n"), "{}", mail.body());
    // sent: nothing of it is left to send, and not its text
    assert_eq!(state(conn, id), (1, true, false, String::new()));
    pass_the_pause(conn);
    deliver(&database, &mailer(&server.url()));
    assert_eq!(server.received().len(), 1);
}

#[test]
fn a_sender_of_the_settings_takes_the_place_of_the_one_that_the_program_was_started_with() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let server = MailServer::start();
    conn.batch_execute("update instance_settings set mail_sender = 'Licenses <licenses@vendor.example>'").unwrap();
    let id = queue(conn, "zoe@people.example", "Hello", "Hello");
    deliver(&database, &mailer(&server.url()));
    let mails = server.received();
    assert_eq!(mails[0].from, "licenses@vendor.example");
    assert_eq!(mails[0].header("From"), "Licenses <licenses@vendor.example>");
    // a second copy has the same id, whatever the settings say by then
    assert_eq!(mails[0].header("Message-ID"), format!("<{id}@headroom.example.org>"));
}

#[test]
fn while_the_server_is_down_mail_waits_and_then_it_is_sent_once() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap(); // closed again
    let mailer = mailer(&format!("smtp://{address}"));
    let (one, two) = (queue(conn, "a@people.example", "A", "text"), queue(conn, "b@people.example", "B", "text"));
    deliver(&database, &mailer);
    // one failure is enough to see that the server is down
    assert_eq!(state(conn, one), (1, false, false, "text".to_owned()));
    assert_eq!(state(conn, two), (0, false, false, "text".to_owned()));
    let error: Option<String> = outbox::table.find(one).select(outbox::last_error).first(conn).unwrap();
    assert!(error.is_some_and(|error| error.contains("refused")));
    assert_eq!(pause(conn, one), 1);

    let server = MailServer::start_at(address);
    deliver(&database, &mailer);
    assert_eq!(server.received().len(), 1, "the other one still waits");
    pass_the_pause(conn);
    deliver(&database, &mailer);
    deliver(&database, &mailer);
    let to: Vec<String> = server.received().into_iter().flat_map(|mail| mail.to).collect();
    assert_eq!(to, ["b@people.example", "a@people.example"]);
}

#[test]
fn several_senders_send_each_mail_once() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let server = MailServer::start();
    for number in 0..30 {
        queue(conn, &format!("person{number:02}@people.example"), "Hello", "text");
    }
    std::thread::scope(|threads| {
        for _ in 0..3 {
            threads.spawn(|| deliver(&database, &mailer(&server.url())));
        }
    });
    let mut to: Vec<String> = server.received().into_iter().flat_map(|mail| mail.to).collect();
    to.sort_unstable();
    assert_eq!(to, (0..30).map(|number| format!("person{number:02}@people.example")).collect::<Vec<_>>());
}

#[test]
fn a_refused_mail_is_tried_again_with_growing_pauses_and_given_up_after_three_days() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let server = MailServer::start();
    let refused = queue(conn, UNKNOWN, "Hello", "text");
    let mut pauses = Vec::new();
    for _ in 0..12 {
        pass_the_pause(conn);
        deliver(&database, &mailer(&server.url()));
        pauses.push(pause(conn, refused));
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]);
    assert_eq!(state(conn, refused), (12, false, false, "text".to_owned()));

    conn.batch_execute("update outbox set created_at = now() - interval '73 hours'").unwrap();
    pass_the_pause(conn);
    let other = queue(conn, "a@people.example", "Hello", "text");
    deliver(&database, &mailer(&server.url()));
    deliver(&database, &mailer(&server.url()));
    assert_eq!(state(conn, refused), (13, false, true, String::new()));
    assert!(state(conn, other).1, "others go on");
    pass_the_pause(conn);
    deliver(&database, &mailer(&server.url()));
    assert_eq!(state(conn, refused).0, 13);
}

#[test]
fn nobody_can_add_a_header_or_a_recipient() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let server = MailServer::start();
    let injected = "Hello\r\nBcc: evil@evil.example\r\n\r\nBody";
    queue(conn, "good@people.example", injected, "text\r\n.\r\nMAIL FROM:<evil@evil.example>\r\n");
    let recipients = [
        "a@people.example\r\nBcc: evil@evil.example",
        "a@people.example, evil@evil.example",
        "a@people.example> RCPT TO:<evil@evil.example",
        "\"Name\" <a@people.example>",
        "nobody",
    ];
    let unusable = recipients.map(|recipient| queue(conn, recipient, "Hello", "text"));
    deliver(&database, &mailer(&server.url()));

    let mails = server.received();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, ["good@people.example"]);
    assert_eq!(mails[0].header("Subject"), "Hello  Bcc: evil@evil.example    Body");
    let head = mails[0].text.split("\r\n\r\n").next().unwrap();
    assert!(head.lines().all(|line| !line.starts_with("Bcc")), "{head}");
    assert!(mails[0].body().contains("MAIL FROM:<evil"), "it stays text: {}", mails[0].body());
    for id in unusable {
        assert_eq!(state(conn, id), (1, false, true, String::new()), "given up at once");
    }
}

#[test]
fn the_sender_and_the_servers_password_come_from_the_settings() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let server = MailServer::with_passwords();
    queue(conn, "a@people.example", "Hello", "text");
    let settings = WebSettings {
        smtp_url: Some(format!("smtp://relay:p%40ss@{}", server.address)),
        mail_from: Some("Zoë's \"Learning\" <learning@acme.example>".parse().unwrap()),
        ..settings()
    };
    deliver(&database, &Mailer::new(&settings, "http://127.0.0.1:8080", "nowhere".into()).unwrap());
    assert_eq!(server.credentials(), [("relay".to_owned(), "p@ss".to_owned())]);
    let mail = &server.received()[0];
    assert_eq!(mail.from, "learning@acme.example");
    assert!(mail.header("From").ends_with(" <learning@acme.example>"), "{}", mail.header("From"));
    assert!(mail.header("Message-ID").ends_with("@acme.example>"));
    for url in ["mail.example", "http://mail.example", "smtp://"] {
        let wrong = WebSettings { smtp_url: Some(url.to_owned()), ..settings.clone() };
        assert!(Mailer::new(&wrong, "http://127.0.0.1:8080", "nowhere".into()).is_err(), "{url}");
    }
}

#[test]
fn without_a_mail_server_each_mail_is_a_file_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let folder = tempfile::tempdir().unwrap();
    let id = queue(conn, "a@people.example", "Hello", "one\ntwo\n");
    for origin in ["http://127.0.0.1:8080", "http://[::1]:8080"] {
        deliver(&database, &Mailer::new(&settings(), origin, folder.path().join("mail")).unwrap());
    }
    let path = folder.path().join(format!("mail/{id}.eml"));
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("From: Headroom <headroom@localhost>\r\n") && text.ends_with("one\r\ntwo\r\n"), "{text}");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(folder.path().join("mail")).unwrap().count(), 1);
    assert_eq!(state(conn, id), (1, true, false, String::new()));
}

#[test]
fn mail_is_sent_to_exactly_those_addresses_that_forms_and_imports_take() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let folder = tempfile::tempdir().unwrap();
    let mut sent = 0;
    let queued = [
        "a+b.c@x-y.example",
        "o'hara@x",
        "zoë@x.example",
        "a@müller.example",
        "\"a b\"@x.example",
        "a@[127.0.0.1]",
        "a..b@x.example",
        ".a@x.example",
        "a@x..example",
        "a@-x.example",
        "a@b@x.example",
        "Ann <a@x.example>",
        "a,b@x.example",
    ]
    .map(|address| (address, queue(conn, address, "Hello", "text")));
    deliver(&database, &Mailer::new(&settings(), "http://127.0.0.1:8080", folder.path().to_owned()).unwrap());
    for (address, id) in queued {
        let is_sent = state(conn, id).1;
        assert_eq!(is_sent, is_sendable(address), "{address}");
        sent += u32::from(is_sent);
    }
    assert!((3..8).contains(&sent), "{sent}");
}

#[test]
fn what_waits_is_kept_and_what_is_long_done_is_tidied_away() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    for (recipient, column) in [("waits", None), ("sent", Some("sent_at")), ("given-up", Some("failed_at"))] {
        let id = queue(conn, recipient, "Hello", "text");
        if let Some(column) = column {
            conn.batch_execute(&format!("update outbox set {column} = now() where id = '{id}'")).unwrap();
        }
    }
    let user = builders::user(conn, None, "ann");
    let now = Utc::now();
    for _ in 0..2 {
        password_links::send(conn, "https://x.example", UserId(user), Purpose::NewAccount, now).unwrap();
    }
    let left = |conn: &mut PgConnection, days| {
        housekeeping::tidy(conn, now + TimeDelta::days(days)).expect("a tidy database");
        let mails: i64 = outbox::table.count().get_result(conn).unwrap();
        let links: i64 = links::table.count().get_result(conn).unwrap();
        (mails, links)
    };
    assert_eq!(left(conn, 0), (5, 2));
    assert_eq!(left(conn, 2), (5, 1), "the link that was replaced");
    assert_eq!(left(conn, 9), (5, 0));
    assert_eq!(left(conn, 31), (3, 0), "what still waits");
}
