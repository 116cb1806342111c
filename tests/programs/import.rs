//! `headroom import`: what it prints, its exit codes, and that it does no more than it was told.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use diesel::prelude::*;
use headroom::schema::{audit_entries, imports, role_grants, users};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::commands::{ADMIN, DataDir, text};
use crate::support::builders;
use crate::support::database::TestDatabase;

/// "Acme" with "Nordics", where so many people are, and the instance admin `root`.
pub struct Place {
    database: TestDatabase,
    folder: tempfile::TempDir,
    acme: Uuid,
    pub nordics: Uuid,
}

impl Place {
    pub fn of(people: usize) -> Place {
        let database = TestDatabase::new();
        let conn = &mut database.connect();
        let acme = builders::root(conn, "Acme", None);
        let nordics = builders::child(conn, acme, "Nordics", None);
        let root = builders::user(conn, None, "root");
        builders::grant(conn, root, "instance_admin", None);
        for number in 0..people {
            builders::user(conn, Some(nordics), &format!("user-{number}"));
        }
        Place { database, folder: tempfile::tempdir().unwrap(), acme, nordics }
    }

    pub fn conn(&self) -> PgConnection {
        self.database.connect()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headroom"));
        command
            .args(arguments)
            .env("DATABASE_URL", &self.database.url)
            .env("HEADROOM_DATA_DIR", self.folder.path())
            .env("HEADROOM_BIND", "127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Imports the file for Nordics.
    pub fn import_command(&self, file: &str, more: &[&str]) -> Command {
        let path = self.folder.path().join("nightly.csv");
        std::fs::write(&path, file).unwrap();
        let arguments = ["import", path.to_str().unwrap(), "--organisation", "Acme > Nordics"];
        self.command(&[&arguments[..], more].concat())
    }

    fn import(&self, file: &str, more: &[&str]) -> Output {
        self.import_command(file, more).output().unwrap()
    }

    /// The exit code and the object that is printed, with nothing beside it.
    fn json(&self, file: &str, more: &[&str]) -> (i32, Value) {
        let output = self.import(file, &[more, &["--json"]].concat());
        let told = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {} {}", text(&output.stdout), text(&output.stderr)));
        assert_eq!(text(&output.stdout).lines().count(), 1);
        (output.status.code().unwrap(), told)
    }

    /// Everything about people that an import can change.
    fn people(&self) -> Vec<(String, String, String, String)> {
        let conn = &mut self.conn();
        let columns = (users::username, users::email, users::first_name, users::last_name);
        let mut people: Vec<_> = users::table.order(users::username).select(columns).load(conn).unwrap();
        let roles: i64 = role_grants::table.count().get_result(conn).unwrap();
        people.push((roles.to_string(), String::new(), String::new(), String::new()));
        people
    }

    fn state(&self, told: &Value) -> String {
        let id: Uuid = told["import"].as_str().unwrap().parse().unwrap();
        imports::table.find(id).select(imports::state).first(&mut self.conn()).unwrap()
    }
}

fn row(username: &str, last_name: &str) -> String {
    format!("{username},{username}@people.example,Test,{last_name}\r\n")
}

/// A file of these people, as they are.
fn file(numbers: impl Iterator<Item = usize>) -> String {
    let rows: String =
        numbers.map(|number| format!("user-{number}")).map(|username| row(&username, &username)).collect();
    format!("username,email,first_name,last_name\r\n{rows}")
}

#[test]
fn a_nightly_job_knows_by_the_exit_code_what_happened() {
    let place = Place::of(20);
    let sync = |file: &str, more: &[&str]| place.json(file, &[&["--synchronize"], more].concat());
    let changed = file(1..20) + &row("new", "new");

    // a plan that nobody has agreed to
    let before = place.people();
    let (code, told) = sync(&changed, &[]);
    assert_eq!(
        (code, told["outcome"].as_str(), place.state(&told).as_str()),
        (4, Some("needs_confirmation"), "planned")
    );
    assert_eq!((&told["created"], &told["deleted"], &told["unchanged"]), (&json!(1), &json!(1), &json!(19)));
    assert_eq!((&told["confirm_deletions"], place.people()), (&Value::Null, before));

    // applied, and the second time there is nothing to do
    let (code, told) = sync(&changed, &["--yes"]);
    assert_eq!((code, told["outcome"].as_str(), place.state(&told).as_str()), (0, Some("applied"), "applied"));
    assert!(told["restorable_until"].is_string(), "{told}");
    let names: Vec<String> = users::table.select(users::username).load(&mut place.conn()).unwrap();
    assert!(names.contains(&"new".to_owned()) && !names.contains(&"user-0".to_owned()));
    let (code, told) = sync(&changed, &["--yes"]);
    assert_eq!((code, told["outcome"].as_str()), (3, Some("nothing_to_do")));
    let (code, told) = sync(&changed, &[]);
    assert_eq!((code, place.state(&told).as_str()), (3, "cancelled"));

    // refused: with a row that cannot be taken, without rows, with a file that cannot be read
    let before = place.people();
    let (code, told) = sync(&(changed.clone() + &row("a b@", "x") + "x,nonsense,X,Y\r\n"), &["--yes"]);
    assert_eq!(
        (code, told["outcome"].as_str(), &told["objections"][0]["code"]),
        (1, Some("refused"), &json!("refused_rows"))
    );
    let refused = json!({ "line": 23, "column": "email", "found": "nonsense", "reason": "is not an e-mail address" });
    assert!(told["refused_rows"].as_array().unwrap().contains(&refused), "{told}");
    let (code, told) = sync("username,email\r\n", &["--yes"]);
    assert_eq!((code, &told["objections"][0]["code"]), (1, &json!("no_rows")));
    let (code, told) = sync("shoe size\r\n44\r\n", &["--yes"]);
    assert_eq!((code, place.state(&told).as_str()), (1, "refused"));
    assert!(told["refusal"].as_str().unwrap().contains("none of the columns"), "{told}");
    assert_eq!(place.people(), before);

    // wrong use: nothing on standard output, one sentence
    for (arguments, sentence) in [
        (["--as", "nobody"], "Nobody has the username nobody."),
        (["--as", "user-3"], "may not import users"),
        (["--organisation", "Globex"], "cannot be used multiple times"),
        (["--confirm-deletions", "3"], "--synchronize"),
    ] {
        let output = place.import(&changed, &arguments);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()), "{arguments:?}");
        assert!(text(&output.stderr).contains(sentence), "{}", text(&output.stderr));
    }
    assert_eq!(place.people(), before);
}

#[test]
fn a_dry_run_changes_nothing_and_is_called_off() {
    let place = Place::of(20);
    let before = place.people();
    let (code, told) = place.json(&file(1..20), &["--synchronize", "--yes", "--dry-run"]);
    assert_eq!((code, told["outcome"].as_str(), &told["deleted"]), (4, Some("planned"), &json!(1)));
    assert_eq!((place.people(), place.state(&told).as_str()), (before, "cancelled"));
    let actions: Vec<String> =
        audit_entries::table.order(audit_entries::id).select(audit_entries::action).load(&mut place.conn()).unwrap();
    assert_eq!(actions, ["import.uploaded", "import.cancelled"]);
    // the list of imports has it like any other
    let listed: (String, i64) =
        imports::table.select((imports::file_name, imports::file_bytes)).first(&mut place.conn()).unwrap();
    assert_eq!(listed, ("nightly.csv".to_owned(), i64::try_from(file(1..20).len()).unwrap()));
}

#[test]
fn a_great_part_goes_only_with_the_exact_number() {
    let place = Place::of(20);
    let before = place.people();
    let leaving = file(3..20);
    for wrong in [&["--yes"][..], &["--yes", "--confirm-deletions", "2"], &["--confirm-deletions", "3"]] {
        let (code, told) = place.json(&leaving, &[&["--synchronize"], wrong].concat());
        assert_eq!((code, &told["confirm_deletions"]), (4, &json!(3)), "{wrong:?}");
    }
    // a number that is given has to be right below the threshold too
    let (code, told) = place.json(&file(1..20), &["--synchronize", "--yes", "--confirm-deletions", "3"]);
    assert_eq!((code, &told["confirm_deletions"], place.people()), (4, &json!(1), before));
    let right = place.import(&leaving, &["--synchronize", "--yes", "--confirm-deletions", "3"]);
    assert_eq!(right.status.code(), Some(0));
    let said = text(&right.stdout);
    assert!(said.contains("3 users deleted; can be restored on /imports/"), "{said}");
}

#[test]
fn people_at_the_end_of_the_export_are_told() {
    let place = Place::of(120);
    // within a millisecond the order of unique IDs is any
    let by_id = users::table.filter(users::organisation_id.eq(place.nordics)).order(users::id).select(users::username);
    let names: Vec<String> = by_id.load(&mut place.conn()).unwrap();
    let rows: String = names[..110].iter().map(|name| row(name, name)).collect();
    let cut = format!("username,email,first_name,last_name\r\n{rows}");
    let said = text(&place.import(&cut, &["--synchronize"]).stdout);
    assert!(said.contains("stands at the end of the export. If the download or the file was cut off, export again.\n"));
    let (code, told) = place.json(&cut, &["--synchronize", "--yes"]);
    assert_eq!((code, &told["deleted"], &told["may_be_cut_off"]), (0, &json!(10), &json!(true)));
}

#[test]
fn without_synchronize_refused_rows_are_left_out_and_told_by_line() {
    let place = Place::of(3);
    let rows: String = (0..30).map(|number| format!("bad-{number},nonsense,A,B\r\n")).collect();
    let output = place.import(&(file(0..3) + &row("new", "new") + &rows), &["--yes"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("  line 6, email: “nonsense” is not an e-mail address\n"), "{said}");
    assert!(said.contains("  line 25, email") && !said.contains("  line 26, email"), "{said}");
    assert!(
        said.contains("  and 10 more\n") && said.ends_with("1 user added. 30 refused rows are left out.\n"),
        "{said}"
    );
    // when every row is refused, that is no success
    assert_eq!(place.json(&format!("username,email,first_name,last_name\r\n{rows}"), &["--yes"]).0, 1);
}

#[test]
fn refused_rows_never_hide_behind_nothing_to_do() {
    let place = Place::of(3);
    let bad = "bad,nonsense,A,B\r\n";
    for more in [&["--yes"][..], &[], &["--yes", "--dry-run"]] {
        let (code, told) = place.json(&(file(0..3) + bad), more);
        assert_eq!((code, told["outcome"].as_str()), (1, Some("refused")), "{more:?}");
        assert_eq!((&told["refused"], &told["unchanged"]), (&json!(1), &json!(3)), "{more:?}");
        assert_eq!((place.json(&file(0..3), more).0, place.json(&(file(0..3) + "\r\n,,,\r\n"), more).0), (3, 3));
    }
    // what was applied was applied, and says what was not
    let (code, told) = place.json(&(file(0..3) + &row("new", "new") + bad), &["--yes"]);
    assert_eq!((code, told["outcome"].as_str(), &told["refused"]), (0, Some("applied"), &json!(1)));
    assert_eq!(told["refused_rows"][0]["line"], json!(6));
}

#[test]
fn it_acts_on_behalf_of_the_only_instance_admin_or_of_whom_it_is_told() {
    let place = Place::of(2);
    let conn = &mut place.conn();
    let admin = builders::user(conn, Some(place.acme), "admin");
    builders::grant(conn, admin, "org_admin", Some(place.acme));
    let actor = |conn: &mut PgConnection| -> Option<Uuid> {
        audit_entries::table.order(audit_entries::id.desc()).select(audit_entries::actor_id).first(conn).unwrap()
    };
    let root: Uuid = users::table.filter(users::username.eq("root")).select(users::id).first(conn).unwrap();
    assert_eq!(place.import(&file(0..2), &["--yes"]).status.code(), Some(3));
    assert_eq!(actor(conn), Some(root));
    assert_eq!(place.import(&file(0..2), &["--yes", "--as", "Admin"]).status.code(), Some(3));
    assert_eq!(actor(conn), Some(admin));

    let second = builders::user(conn, None, "second");
    builders::grant(conn, second, "instance_admin", None);
    let told = place.import(&file(0..2), &["--yes"]);
    assert_eq!(told.status.code(), Some(2));
    assert!(text(&told.stderr).contains("--as root or --as second"), "{}", text(&told.stderr));

    // somebody's role reaches as far as on the screens
    let globex = builders::root(conn, "Globex", None);
    let path = place.folder.path().join("nightly.csv");
    let elsewhere = |organisation: &str| {
        let arguments = ["import", path.to_str().unwrap(), "--as", "admin", "--organisation", organisation];
        place.command(&arguments).output().unwrap().status.code()
    };
    assert_eq!((elsewhere("Globex"), elsewhere(&globex.to_string())), (Some(2), Some(2)));
    assert_eq!(elsewhere(&place.nordics.to_string()), Some(3));
}

#[test]
fn beside_a_running_server_it_reads_standard_input() {
    let data = DataDir::new();
    assert_eq!(data.run_with_input(&ADMIN, "correct horse battery\n").status.code(), Some(0));
    let mut server = data.server(&["serve"]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("organisations.csv"), "name,parent\nAcme,\n").unwrap();
    assert_eq!(data.run(&["load", folder.path().to_str().unwrap()]).status.code(), Some(0));

    let arguments = ["import", "-", "--organisation", "Acme", "--yes", "--json"];
    let output = data.run_with_input(&arguments, &file(0..5));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &told["created"]), (Some(0), &json!(5)), "{}", text(&output.stderr));

    let client = reqwest::blocking::Client::builder().cookie_store(true).build().unwrap();
    let signed_in = client
        .post(format!("{}/sign-in", server.address))
        .header("origin", &server.address)
        .form(&[("username", "root"), ("password", "correct horse battery")])
        .send()
        .unwrap();
    assert_eq!(signed_in.status(), 200);
    let page = |path: &str| client.get(format!("{}{path}", server.address)).send().unwrap().text().unwrap();
    assert!(page("/imports").contains("standard input"));
    assert!(page(told["page"].as_str().unwrap()).contains("5 users added"));
    assert!(page("/users").contains("user-4@people.example"));
    assert_eq!(server.signal(Signal::SIGTERM), Some(0));
}

/// Writes a file into a command that reads standard input.
pub fn feed(command: &mut Command, file: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(file.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_file_that_is_too_long_is_refused_and_leaves_nothing() {
    let place = Place::of(1);
    let long = "x".repeat(1024 * 1024).repeat(257);
    let mut command = place.command(&["import", "-", "--organisation", "Acme", "--yes", "--json"]);
    let output = feed(&mut command, &long);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &told["import"]), (Some(1), &Value::Null));
    assert!(told["refusal"].as_str().unwrap().contains("larger than 256 MB"), "{told}");
    let kept: i64 = headroom::schema::import_pieces::table.count().get_result(&mut place.conn()).unwrap();
    assert_eq!(kept, 0);
}
