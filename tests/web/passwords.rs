//! Setting a password by a mailed link.

use diesel::prelude::*;
use headroom::ids::UserId;
use headroom::mail::password_links::{self, Purpose};
use headroom::schema::{audit_entries, outbox, password_links as links, users};
use uuid::Uuid;

use crate::support::app::{Page, TestApp};
use crate::support::builders;
use crate::support::reading::location;

const NEW: &str = "a new long password";

/// With "ann", who can sign in, and "bob", who has no password yet.
fn app() -> (TestApp, Uuid) {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(10));
    builders::person(conn, Some(root), "ann", None);
    let bob = builders::user(conn, Some(root), "bob");
    (app, bob)
}

fn ask(app: &TestApp, name: &str) -> u16 {
    app.visitor().post("/password/forgot", &[("username", name)]).status().as_u16()
}

/// Recipients and the paths of their links, in the order in which they were sent.
fn mails(app: &TestApp) -> Vec<(String, String)> {
    let mails: Vec<(String, String)> =
        outbox::table.order(outbox::id).select((outbox::recipient, outbox::body)).load(&mut app.conn()).unwrap();
    let origin = app.url("/password/");
    let path = |body: String| {
        let links: Vec<&str> = body.lines().filter(|line| line.starts_with(&origin)).collect();
        assert_eq!((links.len(), links[1]), (2, app.url("/password/forgot").as_str()), "{body}");
        links[0].strip_prefix(&app.url("")).unwrap().to_owned()
    };
    mails.into_iter().map(|(recipient, body)| (recipient, path(body))).collect()
}

/// The link that bob was sent when the account was added.
fn link_of(app: &TestApp, user: Uuid) -> String {
    let origin = app.url("");
    password_links::send(&mut app.conn(), &origin, UserId(user), Purpose::NewAccount, app.clock.now()).unwrap();
    mails(app).pop().unwrap().1
}

fn set(app: &TestApp, link: &str, password: &str, again: &str) -> Page {
    Page::of(app.visitor().post(link, &[("password", password), ("password_again", again)]))
}

fn signs_in(app: &TestApp, username: &str, password: &str) -> bool {
    app.visitor().post("/sign-in", &[("username", username), ("password", password)]).status() == 303
}

fn actions(app: &TestApp) -> Vec<String> {
    let entries = audit_entries::table.filter(audit_entries::action.like("user.password%"));
    entries.order(audit_entries::at).select(audit_entries::action).load(&mut app.conn()).unwrap()
}

#[test]
fn whoever_forgot_the_password_sets_a_new_one_by_a_link_and_all_sessions_end() {
    let (app, _) = app();
    let elsewhere = app.signed_in("ann");
    let visitor = app.visitor();
    assert_eq!(visitor.page("/sign-in").attributes("main a", "href"), ["/password/forgot"]);
    let sent = visitor.post("/password/forgot", &[("username", " ANN@people.example ")]);
    assert_eq!(
        (sent.status().as_u16(), &sent.headers()["location"]),
        (303, &"/password/forgot?sent=1".parse().unwrap())
    );
    assert_eq!(visitor.page("/password/forgot?sent=1").text(".notice h2"), "Look at your mail");

    let (recipient, link) = mails(&app).pop().unwrap();
    assert_eq!(recipient, "ann@people.example");
    assert_eq!(link.strip_prefix("/password/").map(str::len), Some(43));
    for _ in 0..2 {
        let page = visitor.page(&link); // looking at it does not use it up
        assert_eq!((page.status, page.text("h1").as_str()), (200, "Set your password"));
        assert_eq!(page.attributes("#account", "value"), ["ann"]);
    }
    assert_eq!(elsewhere.get("/learn").status(), 200);
    let done = visitor.post(&link, &[("password", NEW), ("password_again", NEW)]);
    assert_eq!(
        (done.status().as_u16(), &done.headers()["location"]),
        (303, &"/sign-in?password_set=1".parse().unwrap())
    );
    assert_eq!(visitor.page("/sign-in?password_set=1").text(".notice h2"), "Your password is set");
    assert_eq!(elsewhere.get("/learn").status(), 303);
    assert!(signs_in(&app, "ann", NEW) && !signs_in(&app, "ann", builders::PASSWORD));
    assert_eq!(actions(&app), ["user.password_link_requested", "user.password_set"]);
}

#[test]
fn a_new_account_gets_its_first_password_and_is_signed_out_of_somebody_elses_session() {
    let (app, bob) = app();
    let link = link_of(&app, bob);
    let browser = app.signed_in("ann");
    assert_eq!(browser.post(&link, &[("password", NEW), ("password_again", NEW)]).status(), 303);
    assert_eq!(browser.get("/sign-in?password_set=1").status(), 200);
    assert!(signs_in(&app, "bob", NEW));
}

#[test]
fn a_link_that_was_used_has_expired_was_replaced_or_never_was_gets_the_same_page() {
    let (app, bob) = app();
    let replaced = link_of(&app, bob);
    let used = link_of(&app, bob);
    assert_eq!(set(&app, &used, NEW, NEW).status, 303);
    let expired = link_of(&app, bob);
    app.set_time("2026-12-01T11:59:59Z");
    assert_eq!(app.visitor().page(&expired).status, 200);
    app.set_time("2026-12-01T12:00:00Z");
    let unknown = format!("/password/{}", "x".repeat(43));
    let body = |link: &str| app.visitor().get(link).text().unwrap();
    for link in [&replaced, &used, &expired, &unknown, &"/password/x%00".to_owned()] {
        let page = set(&app, link, "another long password", "another long password");
        assert_eq!((page.status, page.text("h1").as_str()), (410, "This link no longer works"), "{link}");
        assert_eq!(page.attributes("main a", "href"), ["/password/forgot", "/sign-in"]);
        assert_eq!(body(link), body(&unknown));
    }
    assert!(signs_in(&app, "bob", NEW));
}

#[test]
fn a_link_ends_when_an_administrator_changes_the_address_or_sets_the_password() {
    let (app, bob) = app();
    builders::person(&mut app.conn(), None, "instance", Some(("instance_admin", None)));
    let admin = app.signed_in("instance");
    let works = |link: &str| app.visitor().page(link).status == 200;
    let edit = |id: Uuid, name: &str, email: &str, password: &str| {
        let fields = [("username", name), ("email", email), ("first_name", "B"), ("last_name", "B")];
        let saved = admin.post(&format!("/users/{id}"), &[&fields[..], &[("password", password)]].concat());
        assert_eq!(saved.status(), 303);
    };
    let first = link_of(&app, bob);
    edit(bob, "bob", "bob@people.example", "");
    assert!(works(&first), "nothing about it has changed");
    edit(bob, "bob", "robert@people.example", "");
    let (recipient, second) = mails(&app).pop().unwrap();
    assert_eq!(recipient, "robert@people.example");
    assert_eq!((works(&first), works(&second)), (false, true));
    edit(bob, "bob", "robert@people.example", NEW);
    assert!(!works(&second));
    let sent = mails(&app).len();
    let third = link_of(&app, bob);
    edit(bob, "bob", "bob@people.example", "");
    assert_eq!((works(&third), mails(&app).len()), (false, sent + 1), "who has a password asks for a link");
}

#[test]
fn a_link_that_was_asked_for_works_for_an_hour() {
    let (app, _) = app();
    ask(&app, "ann");
    let link = mails(&app).pop().unwrap().1;
    app.set_time("2026-11-24T12:59:59Z");
    assert_eq!(app.visitor().page(&link).status, 200);
    app.set_time("2026-11-24T13:00:00Z");
    assert_eq!(app.visitor().page(&link).status, 410);
}

#[test]
fn whoever_asks_for_a_link_does_not_end_those_that_somebody_has() {
    let (app, bob) = app();
    let works = |link: &str| app.visitor().page(link).status == 200;
    let invitation = link_of(&app, bob);
    ask(&app, "bob");
    let asked_for = mails(&app).pop().unwrap().1;
    assert!(works(&invitation) && works(&asked_for));
    app.set_time("2026-11-24T13:00:00Z");
    assert_eq!((works(&invitation), works(&asked_for)), (true, false));
    app.set_time("2026-12-01T11:59:59Z");
    assert!(works(&invitation));
    ask(&app, "bob");
    let another = mails(&app).pop().unwrap().1;
    assert!(works(&invitation) && works(&another));

    assert_eq!(set(&app, &another, NEW, NEW).status, 303);
    assert!(!works(&invitation) && !works(&another), "the one that was used ends the others");
    assert_eq!(set(&app, &invitation, "another long password", "another long password").status, 410);
    assert!(signs_in(&app, "bob", NEW));
}

#[test]
fn a_password_that_is_not_accepted_is_explained_and_does_not_come_back() {
    let (app, bob) = app();
    let link = link_of(&app, bob);
    let long = "x".repeat(129);
    let cases = [
        ("short", "short", "#password"),
        (long.as_str(), long.as_str(), "#password"),
        ("password1", "password1", "#password"),
        ("", "", "#password"),
        (NEW, "a new long passwort", "#password_again"),
    ];
    for (password, again, field) in cases {
        let page = set(&app, &link, password, again);
        assert_eq!(page.status, 422, "{password}");
        assert_eq!(page.text("title"), "Error: Set your password - Headroom");
        assert_eq!(page.attributes(".problems a", "href"), [field]);
        assert_eq!(page.attributes("input[type=password]", "value"), ["", ""]);
        assert!(password.is_empty() || !page.html.html().contains(password), "{password}");
    }
    assert_eq!(set(&app, &link, NEW, NEW).status, 303, "the link still works");
}

#[test]
fn twenty_times_at_once_a_link_sets_one_password() {
    let (app, bob) = app();
    let link = link_of(&app, bob);
    let answers: Vec<(u16, String)> = std::thread::scope(|threads| {
        let tries: Vec<_> = (0..20)
            .map(|number| {
                let (app, link) = (&app, &link);
                threads.spawn(move || {
                    let password = format!("long password {number}");
                    (set(app, link, &password, &password).status, password)
                })
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(status, _)| *status == 303);
    assert_eq!((won.len(), lost.iter().filter(|(status, _)| *status == 410).count()), (1, 19));
    assert!(signs_in(&app, "bob", &won[0].1));
    assert_eq!(actions(&app), ["user.password_set"]);
}

#[test]
fn nobody_learns_who_has_an_account_and_the_expired_get_no_mail() {
    let (app, bob) = app();
    diesel::update(users::table.find(bob))
        .set(users::expires_on.eq(builders::date("2026-11-23")))
        .execute(&mut app.conn())
        .unwrap();
    for name in ["ann", "bob", "nobody", "nobody@people.example", "x\0y"] {
        let asked = std::time::Instant::now();
        assert_eq!(ask(&app, name), 303, "{name}");
        assert!(asked.elapsed().as_millis() >= 150, "{name}");
    }
    assert_eq!(mails(&app).len(), 1);
    let empty = Page::of(app.visitor().post("/password/forgot", &[("username", " ")]));
    assert_eq!((empty.status, empty.text("title").as_str()), (422, "Error: Forgot your password? - Headroom"));
}

#[test]
fn an_address_that_is_also_somebodys_username_belongs_to_its_owner() {
    let (app, bob) = app();
    let taken = users::username.eq("ann@people.example");
    diesel::update(users::table.find(bob)).set(taken).execute(&mut app.conn()).unwrap();
    ask(&app, "ann@people.example");
    assert_eq!(mails(&app)[0].0, "ann@people.example");
}

#[test]
fn nobody_can_fill_a_mailbox_and_whoever_asks_on_and_on_has_to_wait() {
    let (app, _) = app();
    for name in ["ann", "ANN", "ann@people.example", "ann", "ann@people.example"] {
        assert_eq!(ask(&app, name), 303);
    }
    assert_eq!(mails(&app).len(), 3, "three in an hour, whatever name was used");
    assert_eq!(app.visitor().page(&mails(&app)[2].1).status, 200, "the last one works");
    for _ in 0..3 {
        ask(&app, "ann");
    }
    let waits = app.visitor().post("/password/forgot", &[("username", "ann")]);
    assert_eq!(waits.status(), 429);
    assert!(waits.headers().contains_key("retry-after"));
    assert_eq!(Page::of(waits).attributes("#username", "value"), ["ann"]);
    // somebody who has no account has to wait just as long
    assert_eq!((0..6).map(|_| ask(&app, "nobody")).collect::<Vec<_>>(), [303, 303, 303, 303, 303, 429]);
    assert!(signs_in(&app, "ann", builders::PASSWORD), "signing in is another matter");

    app.set_time("2026-11-24T13:00:01Z");
    ask(&app, "ann");
    assert_eq!(mails(&app).len(), 4);
}

#[test]
fn a_new_password_ends_the_wait_after_failed_sign_ins() {
    let (app, bob) = app();
    while app.visitor().post("/sign-in", &[("username", "bob"), ("password", "wrong")]).status() != 429 {}
    let link = link_of(&app, bob);
    assert_eq!(set(&app, &link, NEW, NEW).status, 303);
    assert!(signs_in(&app, "bob", NEW));
}

#[test]
fn only_hashes_of_the_tokens_are_stored() {
    let (app, bob) = app();
    let link = link_of(&app, bob);
    let token = link.strip_prefix("/password/").unwrap();
    let stored: Vec<u8> = links::table.select(links::token_hash).first(&mut app.conn()).unwrap();
    assert_eq!(stored, password_links::hash(token));
    assert_ne!(stored, token.as_bytes());
}

#[test]
fn whoever_has_no_password_yet_can_be_sent_the_link_again() {
    let (app, bob) = app();
    let conn = &mut app.conn();
    let root: Uuid = users::table.find(bob).select(users::organisation_id.assume_not_null()).first(conn).unwrap();
    builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    builders::person(conn, Some(root), "manager", Some(("user_manager", Some(root))));
    let admin = app.signed_in("admin");
    let new = [("username", "cleo"), ("email", "cleo@acme.example"), ("first_name", "Cleo"), ("last_name", "Ek")];
    let added = location(&admin.post("/users", &new));
    let page = admin.page(&added);
    assert_eq!(
        page.texts(".notice p"),
        ["A mail with a link to choose a password is on its way to cleo@acme.example."]
    );
    let action = page.attributes(".aside form", "action").remove(0);
    let first = mails(&app).pop().unwrap().1;
    let shown = admin.page(&location(&admin.post(&action, &[])));
    assert_eq!(shown.text(".notice h2"), "A link to choose a password is on its way");
    let (recipient, second) = mails(&app).pop().unwrap();
    assert_eq!(recipient, "cleo@acme.example");
    assert_ne!(first, second);
    assert_eq!(app.visitor().get(&first).status(), 410, "the new one ends the one before");
    assert_eq!(actions(&app), ["user.password_link_requested"]);

    // not so often that it fills a mailbox
    assert_eq!(admin.post(&action, &[]).status(), 303);
    let often = Page::of(admin.post(&action, &[]));
    assert_eq!((often.status, mails(&app).len()), (422, 3));
    assert!(often.text("title").starts_with("Error: "));
    let last = mails(&app).pop().unwrap().1;
    assert_eq!(set(&app, &last, "CLEO@acme.example", "CLEO@acme.example").status, 422, "their own e-mail address");
    assert_eq!(set(&app, &last, NEW, NEW).status, 303);
    let has = Page::of(admin.post(&action, &[]));
    assert_eq!((has.status, has.attributes(".aside form", "action").len()), (422, 0));
    // nor by whoever could not edit the account
    let above = users::table.filter(users::username.eq("admin")).select(users::id).first::<Uuid>(conn).unwrap();
    let manager = app.signed_in("manager");
    assert_eq!(manager.post(&format!("/users/{above}/password-link"), &[]).status(), 403);
    assert_eq!(mails(&app).len(), 3);
}
