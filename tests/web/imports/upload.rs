//! Choosing and sending the file.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use headroom::domain::users_csv::ALIASES;

use super::*;

/// Columns that the export writes and the import ignores.
const ONLY_WRITTEN: [&str; 4] = ["active", "created_at", "exported_at", "export_id"];

const FILE: &[u8] = b"username,email\r\nada,ada@people.example\r\n";

#[test]
fn users_leads_to_the_form_for_whoever_may_import() {
    let place = place();
    let admin = place.app.signed_in("admin");
    let links = admin.page("/users").attributes(".actions a", "href");
    assert!(links.contains(&"/users/import".to_owned()), "{links:?}");
    assert!(links.contains(&"/imports".to_owned()), "{links:?}");
    let form = admin.page("/users/import");
    assert_eq!(form.text("h1"), "Import Users");
    assert_eq!(form.attributes("input[type=file]", "accept"), [".csv,.txt,.tsv,.xlsx"]);
    assert_eq!(form.attributes("select[name=organisation] option[selected]", "value"), [place.acme.to_string()]);
    assert!(form.text("form.panel").contains("not in the file are deleted. You see who before anything happens."));
    assert!(form.attributes("main a", "href").contains(&format!("/users.csv?organisation={}", place.acme)));
    let east = admin.page(&format!("/users?organisation={}", place.east)).attributes(".actions a", "href");
    assert!(east.contains(&format!("/users/import?organisation={}", place.east)), "{east:?}");
    let manager = place.app.signed_in("manager");
    let links = manager.page("/users").attributes(".actions a", "href");
    assert!(!links.iter().any(|link| link.contains("import")), "{links:?}");
    assert_eq!(manager.get("/users/import").status(), 403);
    assert_eq!(upload(&manager, &[("file", Some("people.csv"), FILE)]).status(), 403);
    assert!(place.pieces().is_empty());
}

#[test]
fn a_file_is_kept_in_pieces_and_an_import_begins_whatever_the_order_of_the_fields() {
    let place = place();
    let admin = place.app.signed_in("admin");
    let file: Vec<u8> = (0..2_600_000_u32).map(|n| (n % 251) as u8).collect();
    let east = place.east.to_string();
    let parts: [Part<'_>; 4] = [
        ("synchronize", None, b"on"),
        ("file", Some("/people/<b>leavers.csv"), &file),
        ("something", None, b"else"),
        ("organisation", None, east.as_bytes()),
    ];
    let address = location(&upload(&admin, &parts));
    let id: Uuid = address.strip_prefix("/imports/").unwrap().parse().unwrap();
    let pieces = place.pieces();
    assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), [1 << 20, 1 << 20, 2_600_000 - (2 << 20)]);
    assert!(pieces.concat() == file, "the bytes as they were sent");
    let stored: (Uuid, i64, bool, String) = imports::table
        .find(id)
        .select((imports::organisation_id, imports::file_bytes, imports::synchronize, imports::state))
        .first(&mut place.conn())
        .unwrap();
    assert_eq!(stored, (place.east, 2_600_000, true, "reading".to_owned()));
    assert_eq!(place.entries("import.uploaded"), 1);

    let reading = page(&admin, id);
    assert_eq!(reading.text("h1"), "The file is being read");
    assert_eq!(reading.text("label[for=progress]"), "Waiting for its turn");
    assert!(reading.text("main").contains("Nothing has changed yet"));
    assert!(reading.attributes("[data-progress] a", "href").contains(&address), "a link refreshes");
    assert!(reading.texts("meta[http-equiv=refresh]").is_empty());
    assert_eq!(reading.text(".crumbs li[aria-current]"), "<b>leavers.csv");
    diesel::sql_query("update jobs set state = 'running', leased_until = '2026-11-24 13:00', progress_done = 650000")
        .execute(&mut place.conn())
        .unwrap();
    let reading = page(&admin, id);
    assert_eq!(reading.attributes("progress", "value"), ["650000"]);
    assert_eq!(reading.attributes("progress", "max"), ["2600000"]);
    assert_eq!(reading.text("label[for=progress]"), "Reading the file: 25 % done");
    diesel::sql_query("update jobs set state = 'failed', leased_until = null, finished_at = '2026-11-24 12:00'")
        .execute(&mut place.conn())
        .unwrap();
    assert_eq!(page(&admin, id).text("h1"), "The import has stopped");
    assert_eq!(admin.page("/imports").texts("tbody .badge"), ["Failed"]);
}

#[test]
fn synchronize_is_off_for_0_and_false_and_without_it() {
    let place = place();
    let admin = place.app.signed_in("admin");
    for (value, on) in [(Some("0"), false), (Some("false"), false), (Some(""), false), (None, false), (Some("1"), true)]
    {
        let mut parts: Vec<Part<'_>> = vec![("file", Some("people.csv"), FILE)];
        parts.extend(value.map(|value| ("synchronize", None, value.as_bytes())));
        let address = location(&upload(&admin, &parts));
        let id: Uuid = address.strip_prefix("/imports/").unwrap().parse().unwrap();
        let stored: bool = imports::table.find(id).select(imports::synchronize).first(&mut place.conn()).unwrap();
        assert_eq!(stored, on, "{value:?}");
    }
}

#[test]
fn without_a_file_the_form_comes_back_as_it_was_filled_in() {
    let place = place();
    let admin = place.app.signed_in("admin");
    let east = place.east.to_string();
    let rest: [Part<'_>; 2] = [("synchronize", None, b"1"), ("organisation", None, east.as_bytes())];
    let files: [&[Part<'_>]; 2] = [&[], &[("file", Some(""), b"")]];
    for file in files {
        let form = Page::of(upload(&admin, &[file, &rest].concat()));
        assert_eq!(form.status, 422);
        assert_eq!(form.texts(".problems li"), ["Choose a file with at least a header row."]);
        assert_eq!(form.attributes(".problems a", "href"), ["#file"]);
        assert!(form.text("title").starts_with("Error: "));
        assert_eq!(form.attributes("select[name=organisation] option[selected]", "value"), [east.as_str()]);
        assert_eq!(form.attributes("input[name=synchronize][checked]", "value"), ["1"]);
    }
    let two = Page::of(upload(&admin, &[("file", Some("one.csv"), FILE), ("file", Some("two.csv"), FILE)]));
    assert_eq!((two.status, two.text(".problems li")), (422, "Choose one file only.".to_owned()));
    assert_eq!(admin.post("/users/import", &[("synchronize", "1")]).status(), 422, "a form of another kind");
    assert!(place.pieces().is_empty());
}

#[test]
fn an_organisation_outside_the_scope_does_not_exist_and_several_have_to_be_chosen_from() {
    let place = place();
    let admin = place.app.signed_in("admin");
    for outside in [place.globex.to_string(), Uuid::now_v7().to_string(), "Acme".to_owned()] {
        let parts: [Part<'_>; 2] = [("file", Some("people.csv"), FILE), ("organisation", None, outside.as_bytes())];
        assert_eq!(upload(&admin, &parts).status(), 404, "{outside}");
    }
    let instance = place.app.signed_in("instance");
    let form = Page::of(upload(&instance, &[("file", Some("people.csv"), FILE)]));
    assert_eq!((form.status, form.attributes(".problems a", "href")), (422, vec!["#organisation".to_owned()]));
    builders::grant(&mut place.conn(), place.admin, "org_admin", Some(place.globex));
    let form = Page::of(upload(&admin, &[("file", Some("people.csv"), FILE)]));
    assert_eq!((form.status, form.attributes(".problems a", "href")), (422, vec!["#organisation".to_owned()]));
    assert!(place.pieces().is_empty(), "nothing is kept");
    let globex = place.globex.to_string();
    let parts: [Part<'_>; 2] = [("organisation", None, globex.as_bytes()), ("file", Some("people.csv"), FILE)];
    location(&upload(&admin, &parts));
}

#[test]
fn choosing_no_organisation_is_refused_and_whoever_can_choose_only_one_has_it_chosen() {
    let place = place();
    for name in ["admin", "instance"] {
        let visitor = place.app.signed_in(name);
        let parts: [Part<'_>; 3] =
            [("file", Some("people.csv"), FILE), ("synchronize", None, b"1"), ("organisation", None, b"")];
        let form = Page::of(upload(&visitor, &parts));
        assert_eq!((form.status, form.attributes(".problems a", "href")), (422, vec!["#organisation".to_owned()]));
        assert_eq!(form.text("#organisation-problem"), "Choose the organisation that the import is for.");
        assert_eq!(form.texts("#organisation option[selected]"), ["Choose an organisation"], "as it was sent");
        assert_eq!(form.attributes("input[name=synchronize][checked]", "value"), ["1"]);
    }
    assert!(place.pieces().is_empty(), "nothing is kept");
    let admin = place.app.signed_in("admin");
    let form = admin.page("/users/import");
    assert_eq!(form.attributes("#organisation[required] option[selected]", "value"), [place.acme.to_string()]);
    builders::grant(&mut place.conn(), place.admin, "org_admin", Some(place.globex));
    let form = place.app.signed_in("admin").page("/users/import");
    assert_eq!(form.texts("#organisation option[selected]"), ["Choose an organisation"], "there are two");
}

#[test]
fn an_upload_that_is_cut_off_leaves_nothing() {
    let place = place();
    let admin = place.app.signed_in("admin");
    let mut cut = body(&[("file", Some("people.csv"), &vec![b'x'; 1_500_000])]);
    cut.truncate(1_400_000);
    assert_eq!(send(&admin, cut).status(), 422);
    assert!(place.pieces().is_empty());
    assert_eq!(place.entries("import.uploaded"), 0);
}

/// The head of an upload of so many bytes by the org admin, on a connection of its own.
fn begun(place: &Place, length: u64) -> TcpStream {
    let visitor = place.app.visitor();
    let cookie = visitor.post("/sign-in", &[("username", "admin"), ("password", builders::PASSWORD)]);
    let cookie = cookie.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let address = place.app.url("").replace("http://", "");
    let mut stream = TcpStream::connect(&address).unwrap();
    write!(
        stream,
        "POST /users/import HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {length}\r\n\r\n",
    )
    .unwrap();
    stream
}

/// Waits until so many pieces are stored.
fn until_pieces(place: &Place, count: usize) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while place.pieces().len() != count {
        assert!(Instant::now() < deadline, "{} pieces", place.pieces().len());
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_connection_that_ends_in_the_middle_of_an_upload_leaves_nothing_and_no_import() {
    let place = place();
    let whole = body(&[("file", Some("people.csv"), &vec![b'x'; 3 << 20])]);
    for both_ways in [true, false] {
        let mut stream = begun(&place, whole.len() as u64);
        stream.write_all(&whole[..whole.len() / 2]).unwrap();
        until_pieces(&place, 1);
        if both_ways {
            drop(stream);
        } else {
            // whoever still listens is told
            stream.shutdown(Shutdown::Write).unwrap();
            let mut answer = String::new();
            let _ = stream.read_to_string(&mut answer);
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 422"), "{answer}");
        }
        until_pieces(&place, 0);
    }
    let kept: i64 = imports::table.count().get_result(&mut place.conn()).unwrap();
    assert_eq!((kept, place.entries("import.uploaded"), place.app.run_jobs()), (0, 0, 0));
    let admin = place.app.signed_in("admin");
    assert_eq!(admin.page("/imports").text(".empty h2"), "Nothing was imported yet");
    // and the same file can be sent again
    location(&upload(&admin, &[("file", Some("people.csv"), FILE)]));
    assert_eq!(admin.page("/imports").texts("tbody .badge"), ["Being read"]);
}

#[test]
fn a_file_that_is_too_long_is_refused_before_it_is_sent() {
    let place = place();
    let mut stream = begun(&place, 300 << 20);
    let mut head = [0; 12];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 413");
}

#[test]
fn an_export_without_two_lines_takes_these_two_people_away_and_restoring_brings_them_back() {
    let place = place();
    place.threshold(100);
    let people: Vec<String> = (1..=8).map(|n| format!("person{n}")).collect();
    for name in &people {
        place.active(name);
    }
    let admin = place.app.signed_in("admin");
    place.app.set_time("2026-11-24T12:01:00Z");
    let export = admin.get(&format!("/users.csv?organisation={}", place.acme)).text().unwrap();
    let edited: Vec<&str> =
        export.split_inclusive("\r\n").filter(|line| !line.contains("person3") && !line.contains("person5")).collect();
    assert_eq!(edited.len() + 2, export.lines().count());
    let edited = edited.concat().replace(",person7,", ",renamed,");
    let parts: [Part<'_>; 2] = [("file", Some("leavers.csv"), edited.as_bytes()), ("synchronize", None, b"on")];
    let address = location(&upload(&admin, &parts));
    assert_eq!(place.app.run_jobs(), 1);
    let preview = admin.page(&address);
    assert_eq!(preview.text("h1"), "Check before anything changes");
    assert_eq!(preview.texts("#confirm button")[0], "Delete 2 users, change 1");
    assert_eq!(preview.text("#confirm .people"), "Test person3, Test person5");
    let sent = admin.post(&format!("{address}/confirm"), &[("seen", &hidden(&preview, "seen"))]);
    assert_eq!(location(&sent), address);
    assert_eq!(admin.page(&address).text("h1"), "2 users deleted, 1 changed");
    assert!(!place.is_there("person3") && place.is_there("renamed"));
    assert_eq!(used(&admin, place.acme), "6");
    location(&admin.post(&format!("{address}/restore"), &[]));
    assert_eq!(used(&admin, place.acme), "8");
}

#[test]
fn a_file_that_is_none_is_refused_as_a_whole() {
    let place = place();
    let admin = place.app.signed_in("admin");
    let address = location(&upload(&admin, &[("file", Some("people.csv"), b"PK\x03\x04 nonsense")]));
    place.app.run_jobs();
    let refused = admin.page(&address);
    assert_eq!(refused.text("h1"), "The file cannot be read");
    assert!(refused.text(".notice.over").len() > 40, "{}", refused.text(".notice.over"));
}

#[test]
fn what_a_long_file_is_is_found_out_on_the_way_and_is_the_same_when_it_is_found_out_later() {
    let place = place();
    let admin = place.app.signed_in("admin");
    let mut file = b"username;email;first_name;last_name;account_expires_on\r\n".to_vec();
    for n in 0..15_000 {
        file.extend(
            format!("new-{n};new-{n}@people.example;New;Somebody with a longer name {n};02/03/2031\r\n").bytes(),
        );
    }
    // only the last row tells the encoding and the order of the dates
    file.extend(b"zoe;zoe@people.example;Zo\xeb;Last;24/12/2030\r\n");
    let [on_the_way, later] = [true, false].map(|on_the_way| {
        let address = location(&upload(&admin, &[("file", Some("people.csv"), &file)]));
        let import = imports::table.find(address.strip_prefix("/imports/").unwrap().parse::<Uuid>().unwrap());
        let reading = || -> Option<Value> { import.select(imports::reading).first(&mut place.conn()).unwrap() };
        assert_eq!(reading().unwrap()["survey"]["date_order"], "day_first");
        if !on_the_way {
            diesel::update(import).set(imports::reading.eq(None::<Value>)).execute(&mut place.conn()).unwrap();
        }
        assert_eq!(place.app.run_jobs(), 1);
        let counts: Option<Value> = import.select(imports::counts).first(&mut place.conn()).unwrap();
        assert_eq!(counts.as_ref().unwrap()["created"], 15_001);
        (reading(), counts)
    });
    assert_eq!(on_the_way, later);
    assert_eq!(on_the_way.0.unwrap()["format"], json!(["CSV, Windows-1252 (Western European), semicolon"]));
}

#[test]
fn the_form_says_all_that_a_column_may_be_called() {
    let plain = |text: &str| text.to_lowercase().replace([' ', '_', '-', '\u{2011}'], "");
    let place = place();
    let form = place.app.signed_in("admin").page("/users/import");
    let explained = form.texts(".explain dt").into_iter().zip(form.texts(".explain dd"));
    let told: Vec<(String, Vec<String>)> = explained
        .map(|(name, text)| {
            let also = text.split_once("Also: ").map_or("", |(_, also)| also.trim_end_matches('.'));
            (name.clone(), also.split(", ").chain([name.as_str()]).map(plain).collect())
        })
        .collect();
    let columns = ALIASES.iter().filter(|(column, _)| !ONLY_WRITTEN.contains(&column.name()));
    assert_eq!(told.len(), columns.clone().count());
    for (column, names) in columns {
        let (_, told) = told.iter().find(|(name, _)| name == column.name()).expect("the column");
        for name in *names {
            assert!(told.iter().any(|told| told == name), "{}: {name}, among {told:?}", column.name());
        }
        assert!(told.iter().all(|told| names.contains(&told.as_str())), "{}: {told:?}", column.name());
    }
}
