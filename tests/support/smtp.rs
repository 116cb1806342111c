//! A mail server that keeps what it gets. The protocol is the library's; the connection is ours.

use std::io::{BufRead, BufReader, Result, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use headroom::db::Database;
use headroom::jobs::mail::send_due;
use headroom::mail::Mailer;
use mailin::{Action, AuthMechanism, Handler, Response, Session, SessionBuilder, response};

use super::app::settings;
use super::database::TestDatabase;

/// Whom it has no mailbox for.
pub const UNKNOWN: &str = "unknown@people.example";

const ANYWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Senders {
    Everybody,
    WithPassword,
}

/// A running server. It serves until the test process ends.
pub struct MailServer {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    received: Vec<Received>,
    credentials: Vec<(String, String)>,
}

/// A mail as it arrived.
#[derive(Debug, Clone, Default)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    pub text: String,
}

impl Received {
    /// The value of a header, with its continuation lines.
    pub fn header(&self, name: &str) -> String {
        let head = self.text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
        let prefix = format!("{name}: ");
        let values: Vec<_> = head.split("\r\n").filter_map(|line| line.strip_prefix(&prefix)).collect();
        assert_eq!(values.len(), 1, "{name} in {head}");
        values[0].to_owned()
    }

    pub fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}

impl MailServer {
    pub fn start() -> MailServer {
        MailServer::start_at(ANYWHERE)
    }

    pub fn start_at(address: SocketAddr) -> MailServer {
        MailServer::start_for(Senders::Everybody, address)
    }

    /// Takes mail from those only who give a name and a password.
    pub fn with_passwords() -> MailServer {
        MailServer::start_for(Senders::WithPassword, ANYWHERE)
    }

    fn start_for(senders: Senders, address: SocketAddr) -> MailServer {
        let listener = TcpListener::bind(address).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::<Mutex<State>>::default();
        let kept = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = Connection { kept: Arc::clone(&kept), mail: Received::default() };
                std::thread::spawn(move || drop(converse(&stream, senders, connection)));
            }
        });
        MailServer { address, state }
    }

    pub fn received(&self) -> Vec<Received> {
        self.state.lock().expect("the mails").received.clone()
    }

    /// The names and passwords of those who sent.
    pub fn credentials(&self) -> Vec<(String, String)> {
        self.state.lock().expect("the credentials").credentials.clone()
    }

    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }
}

fn converse(stream: &TcpStream, senders: Senders, connection: Connection) -> Result<()> {
    let mut builder = SessionBuilder::new("mail.example");
    if senders == Senders::WithPassword {
        builder.enable_auth(AuthMechanism::Plain).insecure_enable_plaintext_auth();
    }
    let mut session: Session<Connection> = builder.build(stream.peer_addr()?.ip(), connection);
    let (mut lines, mut out) = (BufReader::new(stream), stream);
    session.greeting().write_to(&mut out)?;
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        let answer = session.process(&line);
        line.clear();
        match answer.action {
            Action::NoReply => {}
            _ => {
                let mut text = Vec::new();
                answer.write_to(&mut text)?;
                out.write_all(&text)?;
            }
        }
        if answer.action == Action::Close {
            break;
        }
    }
    Ok(())
}

struct Connection {
    kept: Arc<Mutex<State>>,
    mail: Received,
}

impl Handler for Connection {
    fn mail(&mut self, _: IpAddr, _: &str, from: &str) -> Response {
        self.mail = Received { from: from.to_owned(), ..Received::default() };
        response::OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        if to == UNKNOWN {
            return response::NO_MAILBOX;
        }
        self.mail.to.push(to.to_owned());
        response::OK
    }

    fn data(&mut self, bytes: &[u8]) -> Result<()> {
        self.mail.text.push_str(&String::from_utf8_lossy(bytes));
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        self.kept.lock().expect("the mails").received.push(std::mem::take(&mut self.mail));
        response::OK
    }

    fn auth_plain(&mut self, _: &str, name: &str, password: &str) -> Response {
        let given = (name.to_owned(), password.to_owned());
        self.kept.lock().expect("the credentials").credentials.push(given);
        response::AUTH_OK
    }
}

/// To a mail server at this address, as a server at headroom.example.org would.
pub fn mailer(url: &str) -> Mailer {
    let settings = headroom::config::WebSettings { smtp_url: Some(url.to_owned()), ..settings() };
    Mailer::new(&settings, "https://headroom.example.org", "nowhere".into()).expect("a mailer")
}

/// Sends what is due, as the job does every few seconds.
pub fn deliver(database: &TestDatabase, mailer: &Mailer) {
    let database = Database::new(&database.url, 2);
    actix_web::rt::System::new().block_on(send_due(&database, mailer)).expect("a round of sending");
}
