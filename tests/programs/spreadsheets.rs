//! The export of users through LibreOffice and back: what a spreadsheet that people really use makes of a file.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use chrono::Utc;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use headroom::schema::users;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::commands::text;
use crate::support::app::TestApp;
use crate::support::builders;

/// What somebody saves a sheet as: its name, LibreOffice's filter, the ending of the file.
const SAVED: [(&str, &str, &str); 4] = [
    ("comma, UTF-8", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false", "csv"),
    ("semicolon, Windows-1252", "csv:Text - txt - csv (StarCalc):59,34,1,1,,1031,false,true,false", "csv"),
    ("tab, UTF-16", "csv:Text - txt - csv (StarCalc):9,34,65535,1,,0,false,true,false", "csv"),
    ("Excel workbook", "xlsx", "xlsx"),
];

/// LibreOffice opens a CSV file as it does by itself: comma, UTF-8, what looks like a number or a date is one.
const OPENED: &str = "--infilter=CSV:44,34,76,1";

/// One at a time: it takes a lot of memory.
static OFFICE: Mutex<()> = Mutex::new(());

struct Place {
    app: TestApp,
    acme: Uuid,
    folder: tempfile::TempDir,
}

impl Place {
    /// "Acme" with "Zürich – Süd" and forty people there. Everybody has been there for long.
    fn new() -> Place {
        let app = TestApp::start();
        app.clock.set(Utc::now());
        let conn = &mut app.conn();
        let acme = builders::root(conn, "Acme", None);
        let south = builders::child(conn, acme, "Zürich – Süd", None);
        builders::person(conn, Some(acme), "admin", Some(("org_admin", Some(acme))));
        for number in 0..40 {
            builders::user(conn, Some(south), &format!("user-{number}"));
        }
        conn.batch_execute("update users set created_at = '2020-01-01', in_organisation_since = '2020-01-01'").unwrap();
        Place { app, acme, folder: tempfile::tempdir().unwrap() }
    }

    fn run(&self, statement: &str) {
        self.app.conn().batch_execute(statement).unwrap();
    }

    /// EXPORT TO CSV.
    fn export(&self) -> String {
        let admin = self.app.signed_in("admin");
        admin.get(&format!("/users.csv?organisation={}", self.acme)).text().unwrap()
    }

    /// Opens these files in LibreOffice and saves each; the paths of what was saved.
    fn saved(&self, files: &[&str], filter: &str, ending: &str) -> Vec<String> {
        let _one = OFFICE.lock().unwrap_or_else(PoisonError::into_inner);
        let paths = (0..files.len()).map(|number| self.folder.path().join(format!("sheet-{number}.csv")));
        let paths: Vec<_> = paths.collect();
        for (path, file) in paths.iter().zip(files) {
            std::fs::write(path, file).unwrap();
        }
        let saved = self.folder.path().join("saved");
        let profile = format!("-env:UserInstallation=file://{}/profile", self.folder.path().display());
        let output = Command::new("soffice")
            .args([profile.as_str(), "--headless", OPENED, "--convert-to", filter, "--outdir"])
            .arg(&saved)
            .args(&paths)
            .stdin(Stdio::null())
            .output()
            .expect("LibreOffice, which scripts/test installs (Debian: libreoffice-calc-nogui)");
        let name = |number| saved.join(format!("sheet-{number}.{ending}"));
        let names: Vec<_> = (0..files.len()).map(name).collect();
        assert!(names.iter().all(|name| name.exists()), "{} {}", text(&output.stdout), text(&output.stderr));
        names.into_iter().map(|name| name.display().to_string()).collect()
    }

    /// `headroom import` with Synchronize Users: what it says.
    fn synchronize(&self, file: &str, more: &[&str]) -> Value {
        let arguments = ["import", file, "--organisation", "Acme", "--as", "admin", "--synchronize", "--json"];
        let output = Command::new(env!("CARGO_BIN_EXE_headroom"))
            .args(arguments)
            .args(more)
            .env("DATABASE_URL", &self.app.database.url)
            .env("HEADROOM_DATA_DIR", self.folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)))
    }

    fn usernames(&self) -> BTreeSet<String> {
        let found: Vec<String> = users::table.select(users::username).load(&mut self.app.conn()).unwrap();
        found.into_iter().collect()
    }
}

/// The rows of people without some of them, as somebody deletes them in the sheet.
fn without(file: &str, usernames: &[&str]) -> String {
    let gone = |line: &&str| !usernames.iter().any(|username| line.contains(&format!(",{username},")));
    let kept: Vec<&str> = file.split_inclusive("\r\n").filter(gone).collect();
    assert_eq!(kept.len() + usernames.len(), file.split_inclusive("\r\n").count());
    kept.concat()
}

/// Created, changed, deleted, unchanged, refused rows, objections.
fn figures(told: &Value) -> Value {
    let count = |what: &str| told[what].clone();
    json!([
        count("created"),
        count("changed"),
        count("deleted"),
        count("unchanged"),
        told["refused_rows"],
        told["objections"]
    ])
}

#[test]
fn a_sheet_that_libreoffice_saves_changes_nobody_and_rows_that_are_deleted_there_are_the_people_who_go() {
    let place = Place::new();
    place.run(
        "update users set first_name = 'Zoë', last_name = 'Müller-Ødegård' where username = 'user-0';
         update users set first_name = '=1+1', last_name = '@SUM(A1:A9)' where username = 'user-1';
         update users set first_name = '''-quoted', last_name = '''t Hooft' where username = 'user-2';
         update users set first_name = '+44', last_name = '-5' where username = 'user-3';
         update users set first_name = 'Say \"hi\"', last_name = 'Smith, Jr.; \"Bob\"' where username = 'user-4';
         update users set first_name = '€uro', last_name = '“True”' where username = 'user-5';
         update users set first_name = 'True', last_name = 'Falsch' where username = 'user-6';
         update users set username = '=cmd|''/C calc''!A0', email = '=x@people.example' where username = 'user-7';
         update users set username = '4711' where username = 'user-8';
         update users set expires_on = '2036-12-31' where username in ('user-9', 'user-10');
         update users set expires_on = '2037-03-04' where username = 'user-11';
         insert into role_grants (user_id, role, organisation_id)
         select u.id, role, u.organisation_id from users u, unnest('{org_admin,user_manager}'::text[]) role
         where u.username in ('user-12', 'user-13')",
    );
    for (round, (name, filter, ending)) in SAVED.into_iter().enumerate() {
        let export = place.export();
        let people = place.usernames().len();
        let leaving = [format!("user-{}", 14 + round), "user-9".to_owned()];
        let leaving: Vec<&str> = leaving.iter().map(String::as_str).take(if round == 3 { 2 } else { 1 }).collect();
        let left = without(&export, &leaving);
        let [whole, left] = place.saved(&[&export, &left], filter, ending).try_into().unwrap();
        let told = place.synchronize(&whole, &["--dry-run"]);
        assert_eq!(figures(&told), json!([0, 0, 0, people, [], []]), "{name}: {told}");
        let before = place.usernames();
        let told = place.synchronize(&left, &["--yes"]);
        assert_eq!(told["outcome"], "applied", "{name}: {told}");
        let after = place.usernames();
        assert_eq!(before.difference(&after).collect::<Vec<_>>(), leaving, "{name}");
        assert!(after.is_subset(&before), "{name}");
    }
}

#[test]
fn usernames_that_libreoffice_takes_for_numbers_are_refused_and_so_nobody_is_deleted() {
    let place = Place::new();
    place.run(
        "update users set username = '0042' where username = 'user-0';
         update users set username = '12e3' where username = 'user-1';
         update users set username = '12345678901234567890' where username = 'user-2';
         update users set username = '1.50' where username = 'user-3'",
    );
    let export = without(&place.export(), &["user-4"]);
    // who the people are is told by their unique ID, or by the username alone
    let by_name: String = export.split_inclusive("\r\n").map(|line| line.split_once(',').unwrap().1).collect();
    for (name, filter, ending) in [SAVED[0], SAVED[3]] {
        for saved in place.saved(&[&export, &by_name], filter, ending) {
            let told = place.synchronize(&saved, &["--yes", "--confirm-deletions", "1"]);
            assert_eq!((&told["outcome"], &told["deleted"]), (&json!("refused"), &json!(0)), "{name}: {told}");
            let refused = told["refused_rows"].as_array().unwrap();
            let reasons: String = refused.iter().map(|row| format!("{}\n", row["reason"].as_str().unwrap())).collect();
            let lines: BTreeSet<_> = refused.iter().map(|row| row["line"].as_u64()).collect();
            assert_eq!(lines.len(), 4, "{name}: {reasons}");
            for was in ["0042", "12e3", "1.50"] {
                assert!(reasons.contains(&format!(" {was}. Format the column as text")), "{name}: {was}: {reasons}");
            }
            assert!(reasons.contains("is a long number that a spreadsheet has shortened"), "{name}: {reasons}");
        }
    }
    assert!(place.usernames().contains("user-4"));
}
