//! Signing in and out.

mod guessing;
mod unsent;

use actix_web::test::TestRequest;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use headroom::schema::{audit_entries, role_grants, sessions, users};

use crate::support::app::{Page, TestApp, Visitor};
use crate::support::builders::{self, PASSWORD};
use crate::support::database::{TestDatabase, wait_until_blocked};

fn app() -> TestApp {
    with_people(TestApp::start())
}

/// Behind a proxy that says where people are.
fn app_behind_proxy() -> TestApp {
    let mut settings = crate::support::app::settings();
    settings.trust_proxy = true;
    with_people(TestApp::start_with(&settings, TestDatabase::new()))
}

fn with_people(app: TestApp) -> TestApp {
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(10));
    builders::child(conn, root, "East", None);
    builders::person(conn, Some(root), "Admin", Some(("org_admin", Some(root))));
    builders::person(conn, Some(root), "learner", None);
    app
}

fn attempt(visitor: &Visitor<'_>, username: &str, password: &str) -> Page {
    Page::of(visitor.post("/sign-in", &[("username", username), ("password", password)]))
}

/// Behind a proxy, from that address.
fn attempt_from(app: &TestApp, address: &str, username: &str, password: &str) -> u16 {
    let request = app.visitor().post_request("/sign-in").header("sec-fetch-site", "same-origin");
    let fields = [("username", username), ("password", password)];
    request.header("x-forwarded-for", address).form(&fields).send().unwrap().status().as_u16()
}

fn is_signed_in(visitor: &Visitor<'_>) -> bool {
    visitor.get("/learn").status() == 200
}

#[test]
fn whoever_knows_the_password_gets_in_under_the_name_in_any_case() {
    let app = app();
    let visitor = app.visitor();
    let response = visitor.post("/sign-in", &[("username", " aDMIN "), ("password", PASSWORD)]);
    assert_eq!((response.status().as_u16(), &response.headers()["location"]), (303, &"/".parse().unwrap()));
    assert_eq!(visitor.get("/").headers()["location"], "/organisations");
    assert!(is_signed_in(&visitor));
    assert_eq!(app.signed_in("learner").get("/").headers()["location"], "/learn");
}

#[test]
fn wrong_names_and_wrong_passwords_get_the_same_words_and_keep_the_name() {
    let app = app();
    let visitor = app.visitor();
    let (wrong, unknown) = (attempt(&visitor, "admin", "wrong"), attempt(&visitor, "nobody", "wrong"));
    assert_eq!((wrong.status, unknown.status), (422, 422));
    assert_eq!(wrong.text(".problems"), unknown.text(".problems"));
    assert_eq!(wrong.attributes("#username", "value"), ["admin"]);
    assert!(wrong.attributes("#password", "value").is_empty());
    assert_eq!(wrong.text("title"), "Error: Sign in - Headroom");
    assert!(!is_signed_in(&visitor));
}

#[test]
fn no_password_an_empty_one_and_an_expired_account_do_not_get_in() {
    let app = app();
    let conn = &mut app.conn();
    builders::user(conn, None, "without");
    diesel::update(users::table.filter(users::username.eq("learner")))
        .set(users::expires_on.eq(builders::date("2026-11-23")))
        .execute(conn)
        .unwrap();
    let visitor = app.visitor();
    for (username, password) in [("without", ""), ("without", PASSWORD), ("learner", PASSWORD), ("", "")] {
        assert_eq!(attempt(&visitor, username, password).status, 422, "{username}");
    }
}

#[test]
fn an_account_that_expires_or_is_deleted_is_signed_out() {
    let app = app();
    let (one, other) = (app.signed_in("admin"), app.signed_in("learner"));
    let conn = &mut app.conn();
    diesel::update(users::table.filter(users::username.eq("Admin")))
        .set(users::expires_on.eq(builders::date("2026-11-24")))
        .execute(conn)
        .unwrap();
    assert!(is_signed_in(&one));
    app.set_time("2026-11-25T00:00:00Z");
    assert!(!is_signed_in(&one));
    diesel::delete(users::table.filter(users::username.eq("learner"))).execute(conn).unwrap();
    assert!(!is_signed_in(&other));
}

#[test]
fn sign_out_ends_the_session_on_the_server() {
    let app = app();
    let visitor = app.signed_in("admin");
    let cookie_before = sessions::table.count().get_result::<i64>(&mut app.conn());
    assert_eq!(cookie_before, Ok(1));
    let response = visitor.post("/sign-out", &[]);
    assert_eq!(response.headers()["location"], "/sign-in");
    assert_eq!(sessions::table.count().get_result::<i64>(&mut app.conn()), Ok(0));
    assert!(!is_signed_in(&visitor));
}

#[test]
fn a_session_ends_when_idle_and_after_a_working_day_however_busy() {
    let app = app();
    let idle = app.signed_in("admin");
    app.set_time("2026-11-24T13:59:00Z");
    assert!(is_signed_in(&idle));
    app.set_time("2026-11-24T16:00:00Z");
    assert!(!is_signed_in(&idle));

    app.set_time("2026-11-24T06:00:00Z");
    let busy = app.signed_in("admin");
    for hour in 7..18 {
        app.set_time(&format!("2026-11-24T{hour:02}:00:00Z"));
        assert!(is_signed_in(&busy), "at {hour}");
    }
    app.set_time("2026-11-24T18:00:01Z");
    assert!(!is_signed_in(&busy));
}

#[test]
fn a_new_password_and_a_lost_role_end_all_sessions() {
    let app = app();
    let conn = &mut app.conn();
    let (one, other) = (app.signed_in("learner"), app.signed_in("admin"));
    diesel::update(users::table.filter(users::username.eq("learner")))
        .set(users::password_hash.eq("x"))
        .execute(conn)
        .unwrap();
    assert!(!is_signed_in(&one));
    diesel::delete(role_grants::table).execute(conn).unwrap();
    assert!(!is_signed_in(&other));
}

#[test]
fn whoever_signs_in_while_the_password_changes_does_not_get_in_by_the_old_one() {
    let app = app();
    let mut other = app.conn();
    other.batch_execute("begin; update users set password_hash = 'x' where username = 'learner'").unwrap();
    let told = |page: Page| (page.status, page.text(".problems"));
    let answer = std::thread::scope(|scope| {
        let signing_in = scope.spawn(|| told(attempt(&app.visitor(), "learner", PASSWORD)));
        wait_until_blocked(&mut app.conn());
        other.batch_execute("commit").unwrap();
        signing_in.join().unwrap()
    });
    assert_eq!(answer, told(attempt(&app.visitor(), "admin", "wrong")));
    assert_eq!(answer.0, 422);
    assert_eq!(sessions::table.count().get_result::<i64>(&mut app.conn()), Ok(0));
    let actions = audit_entries::table.select(audit_entries::action).load::<String>(&mut app.conn()).unwrap();
    assert_eq!(actions, ["user.sign_in_failed"; 2]);
    assert_eq!(users::table.filter(users::last_signed_in_at.is_not_null()).count().get_result(&mut app.conn()), Ok(0));
}

#[test]
fn a_session_is_there_with_the_sign_in_so_that_a_later_change_of_the_password_ends_it() {
    let app = app();
    app.conn()
        .batch_execute(
            "create function no_sign_in_without_a_session() returns trigger language plpgsql as $$
             begin
               if new.action = 'user.signed_in' and not exists (select from sessions) then
                 raise exception 'no session';
               end if;
               return new;
             end $$;
             create trigger no_sign_in_without_a_session before insert on audit_entries
               for each row execute function no_sign_in_without_a_session()",
        )
        .unwrap();
    assert!(is_signed_in(&app.signed_in("learner")));
}

#[test]
fn signing_in_takes_a_new_session_token_and_stores_only_its_hash() {
    let app = app();
    let visitor = app.signed_in("admin");
    let hashes = |app: &TestApp| sessions::table.select(sessions::token_hash).load::<Vec<u8>>(&mut app.conn()).unwrap();
    let before = hashes(&app);
    let again = visitor.post("/sign-in", &[("username", "admin"), ("password", PASSWORD)]);
    let cookie = again.headers()["set-cookie"].to_str().unwrap().to_owned();
    let after = hashes(&app);
    assert_eq!(after.len(), 1);
    assert_ne!(before, after);
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let hex: String = after[0].iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(!cookie.contains(&hex));
}

#[test]
fn it_leads_back_to_where_the_person_wanted_to_go_but_never_elsewhere() {
    let app = app();
    let go = |next: &str| {
        let visitor = app.visitor();
        let response = visitor.post("/sign-in", &[("username", "admin"), ("password", PASSWORD), ("next", next)]);
        response.headers()["location"].to_str().unwrap().to_owned()
    };
    assert_eq!(go("/organisations?q=a"), "/organisations?q=a");
    for elsewhere in
        ["/caf\u{e9}", "/\0", "https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/a\r\nb"]
    {
        assert_eq!(go(elsewhere), "/", "{elsewhere:?}");
    }
    assert_eq!(app.visitor().page("/sign-in?next=%2Flearn").attributes("[name=next]", "value"), ["/learn"]);
    assert_eq!(app.signed_in("admin").get("/sign-in").status(), 303);
}

#[test]
fn sign_ins_failures_and_sign_outs_are_in_the_audit_log() {
    let app = app();
    attempt(&app.visitor(), "admin", "wrong");
    app.signed_in("admin").post("/sign-out", &[]);
    let entries: Vec<(String, String, Option<String>)> = audit_entries::table
        .order(audit_entries::at)
        .select((audit_entries::action, audit_entries::actor_kind, audit_entries::address))
        .load(&mut app.conn())
        .unwrap();
    let entry = |action: &str, kind: &str| (action.to_owned(), kind.to_owned(), Some("127.0.0.1".to_owned()));
    assert_eq!(
        entries,
        [
            entry("user.sign_in_failed", "program"),
            entry("user.signed_in", "person"),
            entry("user.signed_out", "person"),
        ]
    );
}

#[test]
fn two_hundred_sign_ins_at_once_are_all_answered() {
    let app = app();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let attempts: Vec<_> = (0..200)
            .map(|number| {
                let app = &app;
                scope.spawn(move || attempt(&app.visitor(), &format!("nobody{number}"), "wrong").status)
            })
            .collect();
        attempts.into_iter().map(|attempt| attempt.join().unwrap()).collect()
    });
    assert!(statuses.iter().all(|status| [422, 429, 503].contains(status)), "{statuses:?}");
}

#[test]
fn letters_that_have_no_simple_lower_case_and_none_at_all_are_no_obstacle() {
    let app = app();
    builders::person(&mut app.conn(), None, "ΟΔΥΣΣΕΑΣ", None);
    let visitor = app.visitor();
    assert_eq!(attempt(&visitor, "ΟΔΥΣΣΕΑΣ", PASSWORD).status, 303);
    assert_eq!(attempt(&app.visitor(), "admin\0", PASSWORD).status, 422);
}
