//! `headroom load`: real data, refusals by file and line, all or nothing, repeatable.

mod logged;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::Cursor;
use std::path::Path;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Text};
use headroom::db::audit::Actor;
use headroom::db::write;
use headroom::features::licenses::verify::differences;
use headroom::features::takeover::commands::{Done, FileDone, FileRefused, Files, Outcome, load};
use headroom::schema::{audit_entries, enrolments, organisations, users};

use crate::support::builders::date;
use crate::support::database::TestDatabase;

const OPEN_UNIVERSITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/open-university");

fn open_university(conn: &mut PgConnection) -> Vec<FileDone> {
    let open = |name: &str| -> Option<Box<dyn std::io::Read>> {
        Some(Box::new(File::open(Path::new(OPEN_UNIVERSITY).join(name)).expect("a file")))
    };
    write(conn, &Actor::Operator, |conn| {
        load(
            conn,
            Files {
                organisations: open("organisations.csv"),
                users: open("users.csv"),
                experiences: open("experiences.csv"),
                enrolments: open("enrolments.csv"),
            },
        )
    })
    .expect("a takeover")
    .expect("nothing refused")
}

/// Files given as text; an empty one is not there.
fn load_texts(conn: &mut PgConnection, [organisations, users, experiences, enrolments]: [&'static str; 4]) -> Outcome {
    let file = |text: &'static str| -> Option<Box<dyn std::io::Read>> {
        (!text.is_empty()).then(|| Box::new(Cursor::new(text)) as Box<dyn std::io::Read>)
    };
    write(conn, &Actor::Operator, |conn| {
        load(
            conn,
            Files {
                organisations: file(organisations),
                users: file(users),
                experiences: file(experiences),
                enrolments: file(enrolments),
            },
        )
    })
    .expect("a takeover")
}

fn refusals(refused: Vec<FileRefused>) -> Vec<String> {
    refused
        .into_iter()
        .flat_map(|file| {
            file.refusals.into_iter().map(move |refusal| {
                format!("{} {} {}: {}", file.file, refusal.line, refusal.column.unwrap_or_default(), refusal.reason)
            })
        })
        .collect()
}

/// Used, per region and in all, straight from the files.
fn counted_from_files(day: NaiveDate) -> HashMap<String, i64> {
    let read = |name: &str| csv::Reader::from_path(Path::new(OPEN_UNIVERSITY).join(name)).expect("a file");
    let mut live = HashSet::new();
    for record in read("enrolments.csv").records() {
        let record = record.expect("a row");
        let expires = (!record[3].is_empty()).then(|| date(&record[3]));
        if date(&record[2]) <= day && expires.is_none_or(|expires| day <= expires) {
            live.insert(record[0].to_owned());
        }
    }
    let mut counted = HashMap::new();
    for record in read("users.csv").records() {
        let record = record.expect("a row");
        if live.contains(&record[0]) {
            *counted.entry(record[4].rsplit(" > ").next().expect("a name").to_owned()).or_default() += 1;
            *counted.entry("The Open University".to_owned()).or_default() += 1;
        }
    }
    counted
}

fn reported(conn: &mut PgConnection, day: NaiveDate) -> HashMap<String, i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = BigInt)]
        used: i64,
    }
    diesel::sql_query(
        "select o.name, (select sum(used) from license_used_in(o.id, $1))::bigint as used from organisations o",
    )
    .bind::<Date, _>(day)
    .load::<Row>(conn)
    .expect("figures")
    .into_iter()
    .filter(|row| row.used != 0)
    .map(|row| (row.name, row.used))
    .collect()
}

#[test]
fn the_open_university_is_taken_over_and_its_figures_are_those_of_its_files() {
    let database = TestDatabase::new();
    let mut conn = database.connect();
    let counts: Vec<(i64, i64)> =
        open_university(&mut conn).iter().map(|file| (file.done.rows, file.done.created)).collect();
    assert_eq!(counts, [(14, 14), (28_785, 28_785), (22, 22), (32_593, 32_593)]);
    for day in ["2025-02-01", "2025-10-01", "2026-02-15", "2026-06-26", "2026-06-27", "2026-11-24", "2027-03-01"] {
        let day = date(day);
        assert_eq!(reported(&mut conn, day), counted_from_files(day), "on {day}");
        assert!(differences(&mut conn, day).expect("a comparison").is_empty());
    }
}

#[test]
fn a_second_run_changes_nothing_and_writes_no_entry() {
    let database = TestDatabase::new();
    let mut conn = database.connect();
    open_university(&mut conn);
    let again = open_university(&mut conn);
    assert!(again.iter().all(|file| file.done.created == 0 && file.done.changed == 0), "{again:?}");
    assert_eq!(audit_entries::table.count().get_result(&mut conn), Ok(1));
}

#[test]
fn rows_are_refused_by_file_line_and_column_and_nothing_is_kept() {
    let database = TestDatabase::new();
    let mut conn = database.connect();
    let refused = load_texts(&mut conn, [
        "name,parent,user_limit\nAcme,,10\nEast,Acme,many\n",
        "username,email,first_name,last_name,organisation\nann,ann@x.example,Ann,A,Acme\nbob,bob,Bob,B,Acme\n,c@x.example,C,C,Acme\n",
        "",
        "username,experience,starts_on\nann,LX,2026-02-30\n",
    ])
    .expect_err("refusals");
    assert_eq!(
        refusals(refused),
        [
            "organisations.csv 3 user_limit: “many” is not a whole number from 0 on",
            "users.csv 3 email: “bob” is not an e-mail address",
            "users.csv 4 username: must not be empty",
            "enrolments.csv 2 starts_on: “2026-02-30” is not a date like 2026-11-24",
        ]
    );
    assert_eq!(organisations::table.count().get_result(&mut conn), Ok(0));
}

#[test]
fn rows_that_do_not_fit_each_other_or_the_database_are_refused() {
    let database = TestDatabase::new();
    let mut conn = database.connect();
    let taken = load_texts(
        &mut conn,
        [
            "name,parent\nAcme,\nEast,Acme\nWest,Acme\nShop,East\nShop,West\n",
            "username,email,first_name,last_name,organisation\nann,ann@x.example,Ann,A,East\n",
            "code,title,organisation\nLX,Learning,East\n",
            "",
        ],
    );
    assert!(taken.is_ok(), "{taken:?}");

    let users = load_texts(
        &mut conn,
        [
            "",
            "username,email,first_name,last_name,organisation\n\
         bob,ANN@x.example,Bob,B,East\n\
         cid,cid@x.example,Cid,C,Shop\n\
         dan,dan@x.example,Dan,D,North\n\
         eve,eve@x.example,Eve,E,West\n\
         EVE,eve2@x.example,Eve,E,Acme > West > Shop\n",
            "",
            "",
        ],
    );
    assert_eq!(
        refusals(users.expect_err("refusals")),
        [
            "users.csv 2 email: somebody else has the e-mail address “ANN@x.example”",
            "users.csv 3 organisation: “Shop” is the name of 2 organisations; give the path from the root",
            "users.csv 4 organisation: “North” is no organisation",
            "users.csv 6 username: is the same as on line 5",
        ]
    );

    let enrolments = load_texts(
        &mut conn,
        [
            "",
            "username,email,first_name,last_name,organisation\nfay,fay@x.example,Fay,F,West\n",
            "",
            "username,experience,starts_on\nann,LX,2026-01-01\nann,lx,2026-01-01\nfay,LX,2026-01-01\nann,LX,2026-02-01\nnobody,LX,2026-01-01\n",
        ],
    );
    assert_eq!(
        refusals(enrolments.expect_err("refusals")),
        [
            "enrolments.csv 3 experience: “lx” is no learning experience that is open to the organisation of “ann”",
            "enrolments.csv 4 experience: “LX” is no learning experience that is open to the organisation of “fay”",
            "enrolments.csv 5 experience: “ann” is enrolled on “LX” already, on line 2",
            "enrolments.csv 6 username: nobody has the username “nobody”",
        ]
    );
    assert_eq!(users::table.count().get_result(&mut conn), Ok(1));
    assert_eq!(enrolments::table.count().get_result(&mut conn), Ok(0));
}

#[test]
fn files_in_any_order_of_rows_and_columns_with_quotes_and_a_mark_are_read() {
    let database = TestDatabase::new();
    let mut conn = database.connect();
    let taken = load_texts(&mut conn, [
        "\u{feff}parent,colour,name,time_zone\r\nAcme > East,red,Shop,\r\nAcme,green,East,\r\n,blue,Acme,Asia/Tokyo\r\n",
        "last_name,first_name,organisation,email,username,roles\n\"O'Hara, \"\"Jr\"\"\",'=1,Shop,o@x.example,ohara,org_admin\n",
        "",
        "",
    ])
    .expect("nothing refused");
    assert_eq!(taken[0].ignored, ["colour"]);
    let name: (String, String) =
        users::table.select((users::first_name, users::last_name)).first(&mut conn).expect("a user");
    assert_eq!(name, ("=1".to_owned(), "O'Hara, \"Jr\"".to_owned()));
    let zones: Vec<Option<String>> = organisations::table
        .order(organisations::name)
        .select(organisations::time_zone)
        .load(&mut conn)
        .expect("zones");
    assert_eq!(zones, [Some("Asia/Tokyo".to_owned()), None, None]);
}

#[test]
fn a_column_that_is_left_out_leaves_its_values_and_an_empty_cell_clears_them() {
    let database = TestDatabase::new();
    let mut conn = database.connect();
    load_texts(&mut conn, [
        "name,user_limit\nAcme,10\n",
        "username,email,first_name,last_name,organisation,account_expires_on\nann,ann@x.example,Ann,A,Acme,2026-12-31\n",
        "",
        "",
    ])
    .expect("nothing refused");
    let done = load_texts(&mut conn, ["name\nAcme\n", "username,last_name\nANN,B\n", "", ""]).expect("nothing refused");
    assert_eq!(done[0].done, Done { created: 0, changed: 0, rows: 1 });
    assert_eq!(done[1].done, Done { created: 0, changed: 1, rows: 1 });
    let ann: (String, String, Option<NaiveDate>) =
        users::table.select((users::username, users::last_name, users::expires_on)).first(&mut conn).expect("a user");
    assert_eq!(ann, ("ANN".to_owned(), "B".to_owned(), Some(date("2026-12-31"))));

    load_texts(&mut conn, ["name,user_limit\nAcme,\n", "username,account_expires_on\nann,\n", "", ""])
        .expect("nothing refused");
    let limit: Option<i32> = organisations::table.select(organisations::user_limit).first(&mut conn).expect("a limit");
    let expires: Option<NaiveDate> = users::table.select(users::expires_on).first(&mut conn).expect("a date");
    assert_eq!((limit, expires), (None, None));
}

#[test]
fn roles_are_granted_and_taken_as_the_file_says_and_that_is_in_the_audit_log() {
    use headroom::schema::role_grants;
    let database = TestDatabase::new();
    let mut conn = database.connect();
    load_texts(
        &mut conn,
        [
            "name,parent\nAcme,\nEast,Acme\n",
            "username,email,first_name,last_name,organisation\nann,ann@x.example,Ann,A,Acme\n",
            "",
            "",
        ],
    )
    .expect("nothing refused");
    let roles = |conn: &mut PgConnection| -> Vec<String> {
        role_grants::table.order(role_grants::role).select(role_grants::role).load(conn).expect("roles")
    };
    let entries = |conn: &mut PgConnection| -> i64 { audit_entries::table.count().get_result(conn).expect("a count") };
    let done =
        load_texts(&mut conn, ["", "username,roles\nann,user_manager; org_admin\n", "", ""]).expect("nothing refused");
    assert_eq!(done[0].done, Done { created: 0, changed: 2, rows: 1 });
    assert_eq!((roles(&mut conn).len(), entries(&mut conn)), (2, 2));
    load_texts(&mut conn, ["", "username,roles\nann,org_admin\n", "", ""]).expect("nothing refused");
    assert_eq!((roles(&mut conn), entries(&mut conn)), (vec!["org_admin".to_owned()], 3));
    // whoever is moved leaves the roles behind
    load_texts(&mut conn, ["", "username,organisation,roles\nann,East,\n", "", ""]).expect("nothing refused");
    assert!(roles(&mut conn).is_empty());
    let mighty = load_texts(&mut conn, ["", "username,roles\nann,instance_admin\n", "", ""]);
    assert!(mighty.is_err());
}

#[test]
fn one_organisation_under_two_names_of_its_parent_is_refused() {
    let database = TestDatabase::new();
    let mut conn = database.connect();
    let refused = load_texts(&mut conn, ["name,parent\nAcme,\nEast,Acme\nShop,East\nShop,Acme > East\n", "", "", ""]);
    assert_eq!(
        refusals(refused.expect_err("refusals")),
        ["organisations.csv 5 name: “Shop” is in this file already, on line 4",]
    );
}

#[test]
fn a_tree_is_as_deep_as_its_file_and_names_that_go_round_are_refused() {
    let database = TestDatabase::new();
    let mut conn = database.connect();
    let deep: String = (1..=70)
        .map(|level| {
            format!("Level {level},{}\n", if level == 1 { String::new() } else { format!("Level {}", level - 1) })
        })
        .collect();
    let deep: &'static str = Box::leak(format!("name,parent\n{deep}").into_boxed_str());
    let done = load_texts(&mut conn, [deep, "", "", ""]).expect("nothing refused");
    assert_eq!(done[0].done, Done { created: 70, changed: 0, rows: 70 });
    assert_eq!(load_texts(&mut conn, [deep, "", "", ""]).expect("nothing refused")[0].done.created, 0);
    let round = load_texts(&mut conn, ["name,parent\nA,B\nB,A\nLevel 1,Level 1\n", "", "", ""]);
    assert!(!refusals(round.expect_err("refusals")).is_empty());
}
