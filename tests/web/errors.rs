//! Error pages, and what happens when the database is not there.

use std::path::Path;

use actix_web::middleware::from_fn;
use actix_web::{App, test as service, web};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use headroom::db::Database;
use headroom::db::audit::{Actor, Audited, Entry};
use headroom::error::AppError;
use headroom::schema::audit_entries;
use headroom::web::error_page::error_pages;

use crate::support::app::{TestApp, settings};
use crate::support::builders;
use crate::support::database::TestDatabase;
use crate::support::stalling::StallingProxy;

#[test]
fn an_error_page_has_the_chrome_and_a_reference() {
    let app = TestApp::start();
    let root = builders::root(&mut app.conn(), "Acme", Some(10));
    builders::person(&mut app.conn(), Some(root), "admin", Some(("org_admin", Some(root))));
    let visitor = app.signed_in("admin");
    let page = visitor.page("/nowhere");
    assert_eq!((page.status, page.text("h1")), (404, "Page not found".to_owned()));
    assert_eq!(page.text(".who .name"), "Test admin");
    assert_eq!(page.text("nav a"), "Org list");
    assert_eq!(page.text("code").len(), 10);
    assert_ne!(page.text("code"), visitor.page("/nowhere").text("code"));
    assert_eq!(page.text("title"), "Error: Page not found - Headroom");
}

#[test]
fn another_method_a_broken_form_and_a_forbidden_screen_have_pages_too() {
    let app = TestApp::start();
    let root = builders::root(&mut app.conn(), "Acme", Some(10));
    builders::person(&mut app.conn(), Some(root), "learner", None);
    let visitor = app.signed_in("learner");
    let page = |response| crate::support::app::Page::of(response);
    let method = page(visitor.post("/learn", &[]));
    assert_eq!((method.status, method.text("h1")), (405, "This cannot be done here".to_owned()));
    let broken = page(
        visitor
            .post_request("/sign-in")
            .header("sec-fetch-site", "same-origin")
            .body("username=a&username=b")
            .send()
            .unwrap(),
    );
    assert_eq!((broken.status, broken.text("h1")), (422, "The request was not understood".to_owned()));
    let forbidden = visitor.page("/organisations");
    assert_eq!((forbidden.status, forbidden.text("h1")), (403, "You may not do this".to_owned()));
}

#[test]
fn without_the_database_pages_say_so_with_503_and_the_process_stays_alive() {
    let mut settings = settings();
    settings.database_connections = 2;
    let database = TestDatabase::new();
    let app = TestApp::start_at(&settings, database, "postgres://headroom@%2Fnowhere/headroom");
    let visitor = app.visitor();
    let response = visitor.client.get(app.url("/organisations")).header("cookie", "headroom=x").send().unwrap();
    assert_eq!(response.status(), 303); // no session to ask the database about
    let page = visitor.post("/sign-in", &[("username", "a"), ("password", "b")]);
    assert_eq!(page.status(), 503);
    assert!(page.headers().contains_key("retry-after"));
    assert_eq!(crate::support::app::Page::of(page).text("h1"), "The database is not available");
    assert_eq!(visitor.get("/health/live").status(), 200);
    assert_eq!(visitor.get("/health/ready").status(), 503);
}

#[test]
fn signed_in_people_get_503_while_the_database_is_away_and_stay_signed_in() {
    let app = TestApp::start();
    let root = builders::root(&mut app.conn(), "Acme", Some(10));
    builders::person(&mut app.conn(), Some(root), "learner", None);
    let visitor = app.signed_in("learner");
    app.database.block_connections(true);
    let page = visitor.page("/learn");
    assert_eq!((page.status, page.text("h1")), (503, "The database is not available".to_owned()));
    // signing out does not pretend to have worked
    assert_eq!(visitor.post("/sign-out", &[]).status(), 503);
    app.database.block_connections(false);
    assert_eq!(visitor.get("/learn").status(), 200);
}

#[test]
fn when_the_connection_breaks_while_a_change_is_stored_nobody_claims_that_nothing_was_changed() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(10));
    builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    let admin = app.signed_in("admin");
    conn.batch_execute(
        "create function gone() returns trigger language plpgsql as $$
         begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
         create constraint trigger gone after insert on users deferrable initially deferred
         for each row execute function gone()",
    )
    .unwrap();
    let fields = [("username", "new"), ("email", "new@x.example"), ("first_name", "N"), ("last_name", "E")];
    let response = admin.post("/users", &[&fields[..], &[("organisation", &root.to_string())]].concat());
    assert_eq!((response.status().as_u16(), response.headers().contains_key("retry-after")), (503, false));
    let page = crate::support::app::Page::of(response);
    assert_eq!(page.text("h1"), "It is not known whether this was done");
    assert!(!page.text("main").contains("Nothing was changed"), "{}", page.text("main"));
}

#[test]
fn a_silent_database_is_told_with_503_and_nothing_is_left_hanging_when_it_speaks_again() {
    let database = TestDatabase::new();
    let (role, rest) = database.url.split_once('@').unwrap();
    let (socket, name) = rest.split_once('/').unwrap();
    let proxy = StallingProxy::before(Path::new(&socket.replace("%2F", "/")));
    let folder = proxy.folder().display().to_string().replace('/', "%2F");
    let url = format!("{role}@{folder}/{name}");
    let app = TestApp::start_at(&settings(), database, &url);
    let root = builders::root(&mut app.conn(), "Acme", Some(10));
    builders::person(&mut app.conn(), Some(root), "learner", None);
    let visitor = app.signed_in("learner");
    proxy.silence(true);
    let page = visitor.get("/learn");
    assert_eq!(page.status(), 503);
    assert!(page.headers().contains_key("retry-after"));
    assert_eq!(crate::support::app::Page::of(page).text("h1"), "The database is not available");
    assert_eq!(visitor.get("/health/live").status(), 200);
    proxy.silence(false);
    assert_eq!(visitor.page("/learn").status, 200);
}

#[test]
fn what_fails_after_something_was_stored_does_not_claim_that_nothing_was_changed() {
    let test_database = TestDatabase::new();
    let database = Database::new(&test_database.url, 1);
    let failing = async |path: web::Path<(bool, bool)>, database: web::Data<Database>| -> Result<String, AppError> {
        let (changes, is_busy) = path.into_inner();
        let by = Actor::Program { address: None };
        database
            .write(by, move |_| {
                let entry = Entry::new("user.changed");
                Ok(if changes { Audited::new((), entry) } else { Audited::unchanged(()) })
            })
            .await?;
        Err(if is_busy { AppError::Busy("later".into()) } else { AppError::internal(anyhow::anyhow!("later")) })
    };
    actix_web::rt::System::new().block_on(async {
        let app = App::new()
            .app_data(web::Data::new(database))
            .route("/{changes}/{is_busy}", web::post().to(failing))
            .wrap(from_fn(error_pages));
        let app = service::init_service(app).await;
        for (address, heading, advice, again) in [
            ("/false/false", "Something went wrong", "Nothing was changed.", false),
            ("/true/false", "Something went wrong", "Something was stored before it went wrong", false),
            ("/false/true", "Busy, try again in a few seconds", "Nothing was changed.", true),
            ("/true/true", "It was not finished", "Something was stored before it went wrong", false),
        ] {
            let response = service::call_service(&app, service::TestRequest::post().uri(address).to_request()).await;
            assert_eq!(response.headers().contains_key("retry-after"), again, "{address}");
            let body = String::from_utf8(service::read_body(response).await.to_vec()).unwrap();
            assert!(body.contains(heading) && body.contains(advice), "{address}: {body}");
            assert_eq!(body.contains("Nothing was changed"), advice.starts_with("Nothing"), "{address}");
        }
    });
}

#[test]
fn whoever_could_not_be_signed_out_is_signed_in_and_the_log_does_not_say_otherwise() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(10));
    builders::person(conn, Some(root), "learner", None);
    let visitor = app.signed_in("learner");
    conn.batch_execute(
        "create function stay() returns trigger language plpgsql as $$ begin raise exception 'stay'; end $$;
         create trigger stay before delete on sessions for each row execute function stay()",
    )
    .unwrap();
    let page = crate::support::app::Page::of(visitor.post("/sign-out", &[]));
    assert_eq!((page.status, page.text("h1")), (500, "Something went wrong".to_owned()));
    assert!(page.text("main").contains("Nothing was changed"));
    let written: i64 =
        audit_entries::table.filter(audit_entries::action.eq("user.signed_out")).count().get_result(conn).unwrap();
    assert_eq!(written, 0);
    conn.batch_execute("drop trigger stay on sessions").unwrap();
    assert_eq!(visitor.get("/learn").status(), 200);
    assert_eq!(visitor.post("/sign-out", &[]).status(), 303);
    assert_eq!(visitor.get("/learn").status(), 303);
}
