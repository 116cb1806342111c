//! Commands, exit codes and messages.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, RunQueryDsl};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A data folder that PostgreSQL's user can reach, removed at the end.
pub struct DataDir(tempfile::TempDir);

impl DataDir {
    pub fn new() -> DataDir {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::Builder::new().prefix("headroom-programs").tempdir_in("/tmp").expect("a folder");
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).expect("an open folder");
        DataDir(dir)
    }

    pub fn path(&self) -> PathBuf {
        self.0.path().join("some where/data")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headroom"));
        command
            .args(arguments)
            .env_remove("DATABASE_URL")
            .env("HEADROOM_DATA_DIR", self.path())
            .env("HEADROOM_BIND", "127.0.0.1:0")
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("a command that runs")
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a command that starts");
        child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("written input");
        child.wait_with_output().expect("a command that ends")
    }

    /// Changes something behind the program's back, while a server runs.
    fn falsify(&self, statement: &str) {
        self.connect().batch_execute(statement).expect("a statement");
    }

    /// A connection of its own to the database of a running server.
    fn connect(&self) -> diesel::PgConnection {
        let socket: String =
            form_urlencoded::byte_serialize(self.path().join("socket").to_str().expect("a path").as_bytes()).collect();
        let url = format!("postgres://headroom@{}/headroom", socket.replace('+', "%20"));
        diesel::PgConnection::establish(&url).expect("the server's database")
    }

    /// Starts a server and waits until it says that it serves.
    pub fn server(&self, arguments: &[&str]) -> Server {
        self.server_with_log(arguments, Stdio::null())
    }

    pub fn server_with_log(&self, arguments: &[&str], log: impl Into<Stdio>) -> Server {
        Server::start(self.command(arguments).stdout(Stdio::piped()).stderr(log))
    }
}

pub struct Server {
    pub child: Child,
    lines: BufReader<std::process::ChildStdout>,
    pub address: String,
    said: String,
}

impl Server {
    /// Starts it and waits until it says that it serves.
    pub fn start(command: &mut Command) -> Server {
        let mut child = command.spawn().expect("a server");
        let mut lines = BufReader::new(child.stdout.take().expect("its output"));
        let mut said = String::new();
        while !said.contains("serves on") {
            assert_ne!(lines.read_line(&mut said).expect("a line"), 0, "the server ended: {said}");
        }
        let address = said.split_whitespace().find(|word| word.starts_with("http://")).expect("an address").to_owned();
        Server { child, lines, address, said }
    }

    pub fn signal(&mut self, signal: Signal) -> Option<i32> {
        kill(Pid::from_raw(self.child.id().try_into().expect("a process id")), signal).expect("a signal");
        self.child.wait().expect("an end").code()
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn is_alive(url: &str) -> bool {
    reqwest::blocking::get(format!("{url}/health/ready")).is_ok_and(|response| response.status() == 200)
}

pub const ADMIN: [&str; 5] = ["create-admin", "--username", "root", "--email", "root@x.example"];

#[test]
fn a_server_and_the_commands_beside_it_share_a_data_folder_and_a_second_server_is_refused() {
    let data = DataDir::new();
    let mut server = data.server(&["serve"]);
    assert!(server.said.contains("headroom create-admin --username"), "{}", server.said);
    assert!(is_alive(&server.address));

    let second = data.run(&["serve"]);
    assert_eq!(second.status.code(), Some(2));
    assert!(text(&second.stderr).contains("is in use by another Headroom server (process"), "{}", text(&second.stderr));
    assert_eq!(text(&second.stderr).trim().lines().count(), 1);

    assert_eq!(data.run_with_input(&ADMIN, "short\n").status.code(), Some(2));
    assert_eq!(data.run_with_input(&ADMIN, "correct horse battery\n").status.code(), Some(0));
    let taken = data.run_with_input(&ADMIN, "correct horse battery\n");
    assert_eq!((taken.status.code(), text(&taken.stderr).contains("already has the username root")), (Some(1), true));

    let nowhere = ["create-admin", "--username", "other", "--email", "o..ther@x.example"];
    let refused = data.run_with_input(&nowhere, "correct horse battery\n");
    assert_eq!((refused.status.code(), text(&refused.stderr).contains("is not an e-mail address")), (Some(1), true));

    let client = reqwest::blocking::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let response = client
        .post(format!("{}/sign-in", server.address))
        .header("origin", &server.address)
        .form(&[("username", "root"), ("password", "correct horse battery")])
        .send()
        .unwrap();
    assert_eq!(response.status(), 303);

    let university = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/open-university");
    let loaded = data.run(&["load", university]);
    assert_eq!(loaded.status.code(), Some(0), "{}", text(&loaded.stderr));
    assert!(text(&loaded.stdout).contains("users.csv: 28,785 rows read, 28785 created, 0 changed"));
    assert_eq!(data.run(&["verify"]).status.code(), Some(0));
    data.falsify("insert into license_delta_rows select organisation_id, day, 1 from license_delta limit 1");
    let falsified = data.run(&["verify"]);
    assert_eq!(falsified.status.code(), Some(1));
    assert!(text(&falsified.stdout).contains("license figures disagree"), "{}", text(&falsified.stdout));
    assert!(text(&falsified.stdout).contains("run `select license_rebuild()` in it"));
    data.falsify("select license_rebuild()");

    assert_eq!(server.signal(Signal::SIGTERM), Some(0));
    let mut rest = String::new();
    server.lines.read_to_string(&mut rest).unwrap();
    // the embedded PostgreSQL went with it, and the commands start it for themselves
    assert!(!data.path().join("postgres/postmaster.pid").exists());
    assert_eq!(data.run(&["verify"]).status.code(), Some(0));
    assert!(!data.path().join("postgres/postmaster.pid").exists());
}

#[test]
fn a_server_can_be_stopped_as_soon_as_it_says_that_it_serves() {
    let data = DataDir::new();
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGQUIT].repeat(2) {
        assert_eq!(data.server(&["serve"]).signal(signal), Some(0), "{signal}");
        assert!(!data.path().join("postgres/postmaster.pid").exists(), "{signal}");
    }
}

#[test]
fn work_in_the_background_that_takes_long_does_not_keep_a_server_from_stopping() {
    #[derive(diesel::QueryableByName)]
    struct Waiting {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        waiting: bool,
    }
    let data = DataDir::new();
    let mut server = data.server(&["serve"]);
    let (mut holder, mut watcher) = (data.connect(), data.connect());
    holder.batch_execute("begin; lock table jobs").unwrap();
    let waits = "select exists (select from pg_stat_activity where wait_event_type = 'Lock') as waiting";
    while !diesel::sql_query(waits).get_result::<Waiting>(&mut watcher).unwrap().waiting {
        std::thread::yield_now();
    }
    // the statement that waits now would be given up after five seconds
    let asked = Instant::now();
    assert_eq!(server.signal(Signal::SIGTERM), Some(0));
    assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
    assert!(!data.path().join("postgres/postmaster.pid").exists());
}

#[test]
fn the_demo_starts_again_after_a_kill_and_keeps_its_password() {
    let data = DataDir::new();
    let password = |server: &mut Server| loop {
        let mut line = String::new();
        assert_ne!(server.lines.read_line(&mut line).unwrap(), 0);
        if let Some((_, password)) = line.split_once("with the password ") {
            return password.trim().to_owned();
        }
    };
    let mut first = data.server(&["demo"]);
    let known = password(&mut first);
    first.signal(Signal::SIGKILL);
    let mut second = data.server(&["demo"]);
    assert!(is_alive(&second.address));
    assert_eq!(password(&mut second), known);
    assert_eq!(second.signal(Signal::SIGINT), Some(0));
    assert!(!data.path().join("postgres/postmaster.pid").exists());
    let verified = data.run(&["verify"]);
    assert!(text(&verified.stdout).contains("3,000 users"), "{}", text(&verified.stdout));
}

#[test]
fn wrong_settings_are_told_in_one_sentence_and_exit_code_2() {
    let data = DataDir::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let told = |command: &mut Command| {
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
        text(&output.stderr)
    };
    let port = told(data.command(&["serve"]).env("HEADROOM_BIND", &address));
    assert!(port.contains("in use by another program"), "{port}");

    let unreachable = "postgres://someone:secret@127.0.0.1:1/headroom";
    let database = told(data.command(&["serve"]).env("DATABASE_URL", unreachable));
    assert!(database.contains("The database postgres://someone@127.0.0.1:1/headroom cannot be reached"), "{database}");
    assert!(!database.contains("secret"));

    let open = told(data.command(&["serve"]).env("HEADROOM_BIND", "0.0.0.0:0"));
    assert!(open.contains("set HEADROOM_PUBLIC_ORIGIN"), "{open}");
    assert!(told(data.command(&["serve"]).env("HEADROOM_BIND", "nonsense")).contains("nonsense"));
    assert!(
        told(data.command(&["serve"]).env("HEADROOM_PUBLIC_ORIGIN", "headroom.example/x")).contains("an origin is")
    );
    assert!(told(&mut data.command(&["load", "/no/such/folder"])).contains("/no/such/folder is not a folder."));
    assert!(told(&mut data.command(&["load", "/"])).contains("holds none of organisations.csv"));
    assert!(told(&mut data.command(&["dance"])).contains("dance"));
    assert!(!data.path().exists(), "nothing was started for any of these");
}

#[test]
fn no_password_of_a_database_is_told_however_it_is_written() {
    let data = DataDir::new();
    for (url, told) in [
        ("postgres://u@127.0.0.1:1/db?password=secret", "postgres://u@127.0.0.1:1/db cannot"),
        ("postgresql://127.0.0.1:1/db?user=u&password=secret", "postgresql://127.0.0.1:1/db?user=u cannot"),
        ("postgres://127.0.0.1:1/db?pass%77ord=secret", "postgres://127.0.0.1:1/db cannot"),
        ("postgres://u@127.0.0.1:1/db?password=a@secret", "postgres://u@127.0.0.1:1/db cannot"),
        ("postgres://u:secret@127.0.0.1:1/db?sslpassword=secret", "postgres://u@127.0.0.1:1/db cannot"),
        ("postgres://u:a?secret@127.0.0.1:1/db", "postgres://u@127.0.0.1:1/db cannot"),
        ("postgres://u:a@secret@127.0.0.1:1/db", ""),
        ("postgres://u:a/secret@127.0.0.1:1/db", ""),
        ("postgres://u:secret/b@127.0.0.1:1/db", ""),
        ("postgres://u:%zzsecret@127.0.0.1:1/db", ""),
        ("postgres://u@127.0.0.1:1/db?password=a&secret", ""),
        ("postgres://u@127.0.0.1:1/db?password=a=secret", ""),
        ("host=127.0.0.1 port=1 user=u password=secret dbname=db", "host=127.0.0.1 port=1 user=u dbname=db cannot"),
        ("host=127.0.0.1 port=1 password='a secret' user=u", "host=127.0.0.1 port=1 user=u cannot"),
        (r"host=127.0.0.1 password='a\' secret' port = 1", "host=127.0.0.1 port=1 cannot"),
        (r"password = a\ secret host=127.0.0.1 port=1", "host=127.0.0.1 port=1 cannot"),
        ("password = secret host=127.0.0.1 port=1", "host=127.0.0.1 port=1 cannot"),
        ("password='' port=1 host=127.0.0.1 sslpassword='it is secret'", "port=1 host=127.0.0.1 cannot"),
        ("host=127.0.0.1 port=1 password=a secret", ""),
        ("host=127.0.0.1 port=1 password='a secret", ""),
        ("dbname=postgres://u:secret@127.0.0.1:1/db host=127.0.0.1 port=1", ""),
    ] {
        let output = data.command(&["verify"]).env("DATABASE_URL", url).output().unwrap();
        let answer = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{answer}");
        assert!(answer.contains("cannot be reached") && answer.contains(told), "{url}: {answer}");
        assert!(!answer.contains("secret"), "{url}: {answer}");
    }
}

#[test]
fn the_log_has_no_address_that_only_a_header_claims() {
    let data = DataDir::new();
    let mut server = data.server_with_log(&["serve"], Stdio::piped());
    let client = reqwest::blocking::Client::new();
    let request = client.get(format!("{}/nowhere", server.address));
    let claim = ["forwarded", "x-forwarded-for"].into_iter().zip(["for=198.51.100.1", "198.51.100.1"]);
    let request = claim.fold(request, |request, (name, value)| request.header(name, value));
    assert_eq!(request.send().unwrap().status(), 404);
    let mut stderr = server.child.stderr.take().unwrap();
    assert_eq!(server.signal(Signal::SIGTERM), Some(0));
    let mut log = String::new();
    stderr.read_to_string(&mut log).unwrap();
    assert!(log.contains("127.0.0.1") && !log.contains("198.51.100.1"), "{log}");
}

#[test]
fn refused_rows_are_told_by_file_and_line_and_exit_code_1() {
    let data = DataDir::new();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("organisations.csv"), "name,parent\nAcme,Nowhere\n").unwrap();
    let refused = data.run(&["load", dir.path().to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(
        text(&refused.stderr),
        "organisations.csv, line 2: parent: “Nowhere” is no organisation here or in this file\n\
         headroom: nothing was changed; correct these rows and run it again.\n"
    );
}

#[test]
fn help_tells_of_every_command_and_setting() {
    let data = DataDir::new();
    let help = text(&data.run(&["--help"]).stdout);
    for word in
        ["demo", "serve", "create-admin", "load", "import", "verify", "DATABASE_URL", "HEADROOM_DATA_DIR", "Exit codes"]
    {
        assert!(help.contains(word), "{word}");
    }
    let serve = text(&data.run(&["serve", "--help"]).stdout);
    assert!(serve.contains("HEADROOM_BIND") && serve.contains("HEADROOM_PUBLIC_ORIGIN"));
    assert!(text(&data.run(&["load", "--help"]).stdout).contains("experiences.csv"));
}
