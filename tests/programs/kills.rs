//! kill -9 at any moment of an import: the people are as before or as after, never between, and a later run ends it.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use headroom::db;
use headroom::db::audit::Audited;
use headroom::features::imports::commands::{self, Confirm, Missing, Upload};
use headroom::features::imports::queries::import;
use headroom::features::licenses::verify::differences;
use headroom::ids::{ImportId, OrganisationId, UserId};
use headroom::jobs::work::{Payload, Work};
use headroom::schema::{audit_entries, imports, jobs, role_grants, users};
use headroom::web::guards::{Allowed, SignedIn};
use nix::sys::signal::Signal;
use uuid::Uuid;

use crate::commands::Server;
use crate::import::Place;

/// A few thousand rows take long enough to be killed in the middle.
const PEOPLE: usize = 2_000;
/// Every so-many-th person is missing from a file, another one each time: 2 %, who need no confirmation.
const MISSING: usize = 50;

/// Usernames with first names and roles.
type People = BTreeMap<String, (String, String)>;

/// The file of a round: everybody gets a new first name, some go, those of the round before come back, and some
/// become user managers. Who is in it, too.
fn round(number: usize) -> (String, People) {
    let mut file = "username,email,first_name,last_name,roles\r\n".to_owned();
    let mut people = People::from([("root".to_owned(), ("Test".to_owned(), "instance_admin".to_owned()))]);
    for one in (0..PEOPLE).filter(|one| one % MISSING != number % MISSING) {
        let (username, first_name) = (format!("user-{one}"), format!("Round {number}"));
        let roles = if one % 10 == number % 10 { "user_manager" } else { "" };
        file.push_str(&format!("{username},{username}@people.example,{first_name},{username},{roles}\r\n"));
        people.insert(username, (first_name, roles.to_owned()));
    }
    (file, people)
}

fn people(place: &Place) -> People {
    let conn = &mut place.conn();
    let columns = (users::username, users::first_name, role_grants::role.nullable());
    let found: Vec<(String, String, Option<String>)> =
        users::table.left_join(role_grants::table).select(columns).load(conn).unwrap();
    found.into_iter().map(|(username, first, role)| (username, (first, role.unwrap_or_default()))).collect()
}

/// Nothing of a killed program is still at work.
fn settle(place: &Place) {
    #[derive(QueryableByName)]
    struct Others {
        #[diesel(sql_type = BigInt)]
        others: i64,
    }
    let conn = &mut place.conn();
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let Others { others } = diesel::sql_query(
            "select count(*) as others from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'",
        )
        .get_result(conn)
        .unwrap();
        if others == 0 {
            return;
        }
        assert!(Instant::now() < deadline, "statements of a killed program go on");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn applied(place: &Place) -> i64 {
    audit_entries::table
        .filter(audit_entries::action.eq("import.applied"))
        .count()
        .get_result(&mut place.conn())
        .unwrap()
}

fn check_figures(place: &Place) {
    assert_eq!(differences(&mut place.conn(), Utc::now().date_naive()).unwrap().len(), 0);
}

#[test]
fn an_import_that_is_killed_at_fifty_moments_leaves_everybody_as_before_or_as_after() {
    const KILLS: u32 = 50;
    let place = Place::of(PEOPLE);
    let run = ["--synchronize", "--yes"];
    let (file, mut before) = round(0);
    let started = Instant::now();
    let output = place.import_command(&file, &run).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let whole = started.elapsed();
    assert_eq!(people(&place), before);

    let (mut as_before, mut as_after) = (0, 0);
    for kill in 1..=KILLS {
        let (file, after) = round(kill as usize);
        let entries = applied(&place);
        let mut child = place.import_command(&file, &run).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // from at once to later than it takes, each at a moment of its own
        let moment = (f64::from(kill) - rand::random::<f64>()) / f64::from(KILLS);
        std::thread::sleep(whole.mul_f64(1.5 * moment));
        child.kill().unwrap();
        child.wait().unwrap();
        settle(&place);
        let now = people(&place);
        if now == after {
            as_after += 1;
            assert_eq!(applied(&place), entries + 1);
            before = after;
        } else {
            assert!(now == before, "kill {kill}: neither as before nor as after");
            assert_eq!(applied(&place), entries);
            as_before += 1;
        }
    }
    println!("{as_before} as before, {as_after} as after");
    assert!(as_before > 0);
    let (file, after) = round(KILLS as usize + 1);
    assert_eq!(place.import_command(&file, &run).output().unwrap().status.code(), Some(0));
    assert_eq!(people(&place), after);
    check_figures(&place);
}

/// A plan that was confirmed and waits in the queue for a server.
fn queued(place: &Place, file: &str) -> ImportId {
    let conn = &mut place.conn();
    let root: Uuid = users::table.filter(users::username.eq("root")).select(users::id).first(conn).unwrap();
    let by = SignedIn::for_account(conn, UserId(root), Utc::now()).unwrap().unwrap();
    let by = Allowed::new(by).unwrap();
    let (id, now, actor) = (ImportId(Uuid::now_v7()), Utc::now(), by.by().actor());
    let upload = Upload {
        id,
        organisation: OrganisationId(place.nordics),
        synchronize: true,
        file_name: "users.csv".to_owned(),
        bytes: file.len() as u64,
        began_at: now,
        survey: None,
    };
    db::write(conn, &actor, |conn| {
        commands::store_piece(conn, &by, id, 0, file.as_bytes(), now)?;
        commands::create_and_read(conn, &by, &upload, now)
    })
    .unwrap();
    let seen = import(conn, &by, id).unwrap().fingerprint.unwrap();
    let work = Work::ApplyImport { confirm: Confirm { import: id, seen, missing: Missing::Delete, typed: None } };
    db::write(conn, &actor, |conn| {
        let job = Payload::new(work.clone(), by.by(), format!("/imports/{id}")).put(conn, UserId(root), 1, now)?;
        diesel::update(imports::table.find(id))
            .set((imports::state.eq("applying"), imports::job_id.eq(job)))
            .execute(conn)?;
        Ok(Audited::unchanged(()))
    })
    .unwrap();
    id
}

#[test]
fn a_server_that_is_killed_while_it_applies_an_import_leaves_it_to_the_next_one() {
    let place = Place::of(PEOPLE);
    let serve = || {
        let mut command = place.command(&["serve"]);
        Server::start(command.stderr(Stdio::null()))
    };
    let state =
        |id: ImportId| -> String { imports::table.find(id).select(imports::state).first(&mut place.conn()).unwrap() };
    let mut before = people(&place);
    for number in 0..4 {
        let (file, after) = round(number);
        let id = queued(&place, &file);
        // a job is tried five times
        for kill in 0..4 {
            let mut server = serve();
            std::thread::sleep(Duration::from_millis(250 * kill + rand::random_range(0..250)));
            server.signal(Signal::SIGKILL);
            settle(&place);
            let now = people(&place);
            assert!(now == before || now == after, "import {number}, kill {kill}: neither as before nor as after");
            assert_eq!(now == after, state(id) == "applied");
            if now == after {
                break;
            }
            // its claim would run out by itself after some seconds
            let running = jobs::table.filter(jobs::state.eq("running"));
            diesel::update(running).set(jobs::leased_until.eq(Utc::now())).execute(&mut place.conn()).unwrap();
        }
        let mut last = serve();
        let deadline = Instant::now() + Duration::from_secs(60);
        while state(id) != "applied" {
            assert!(Instant::now() < deadline, "the import is {}", state(id));
            std::thread::sleep(Duration::from_millis(20));
        }
        last.signal(Signal::SIGTERM);
        assert!(people(&place) == after, "import {number} is not as its file");
        before = after;
    }
    assert_eq!(applied(&place), 4);
    check_figures(&place);
}
