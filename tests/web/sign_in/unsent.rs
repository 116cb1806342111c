//! What somebody has typed when their session ends meanwhile.

use diesel::prelude::*;
use headroom::schema::{sessions, users};

use crate::support::app::{Page, TestApp, Visitor};
use crate::support::builders;
use crate::support::reading::location;

fn place() -> (TestApp, String) {
    let app = TestApp::start();
    let root = builders::root(&mut app.conn(), "Acme", Some(10));
    builders::person(&mut app.conn(), Some(root), "admin", Some(("org_admin", Some(root))));
    (app, root.to_string())
}

/// Sends a form as a browser does that shows what comes of it.
fn filled_in(visitor: &Visitor<'_>, path: &str, fields: &[(&str, &str)]) -> reqwest::blocking::Response {
    let request =
        visitor.post_request(path).header("sec-fetch-site", "same-origin").header("sec-fetch-dest", "document");
    request.form(fields).send().unwrap()
}

#[test]
fn it_is_still_there_after_signing_in_again() {
    let (app, root) = place();
    let conn = &mut app.conn();
    let admin = app.signed_in("admin");
    let fields = [
        ("username", "amara"),
        ("email", "amara@acme.example"),
        ("first_name", "\"><script>alert(1)</script>"),
        ("last_name", "O & Co = 1"),
        ("organisation", root.as_str()),
    ];
    diesel::delete(sessions::table).execute(conn).unwrap();
    let page = Page::of(filled_in(&admin, "/users", &fields));
    assert_eq!((page.status, page.text("h1")), (403, "Your session has ended".to_owned()));
    assert_eq!(page.attributes("main form", "action"), ["/users"]);
    let names = page.attributes("main input", "name");
    let values = page.attributes("main input", "value");
    let kept: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(values.iter().map(String::as_str)).collect();
    assert_eq!(kept, fields);
    assert!(page.texts("main script").is_empty());
    assert_eq!(page.attributes("main a", "href"), ["/sign-in"]);
    assert_eq!(users::table.count().get_result::<i64>(conn).unwrap(), 1);

    // still not signed in: it is still kept
    assert_eq!(filled_in(&admin, "/users", &kept).status(), 403);
    location(&filled_in(&app.signed_in("admin"), "/users", &kept));
    assert_eq!(users::table.count().get_result::<i64>(conn).unwrap(), 2);
}

#[test]
fn a_password_stands_in_no_page_and_scripts_are_sent_to_the_sign_in_page() {
    let (app, root) = place();
    let admin = app.signed_in("admin");
    diesel::delete(sessions::table).execute(&mut app.conn()).unwrap();
    let fields = [("username", "amara"), ("organisation", root.as_str()), ("password", "correct horse")];
    assert_eq!(location(&filled_in(&admin, "/users", &fields)), "/sign-in");
    assert_eq!(location(&admin.post("/users", &fields[..2])), "/sign-in");
    // nothing was typed: signing in is all there is to do
    assert_eq!(location(&filled_in(&admin, "/users", &[])), "/sign-in");
}

#[test]
fn a_form_of_a_page_of_somebody_else_is_refused_before_it_is_kept() {
    let (app, _) = place();
    let visitor = app.visitor();
    let request =
        visitor.post_request("/users").header("sec-fetch-site", "cross-site").header("sec-fetch-dest", "document");
    let page = Page::of(request.form(&[("username", "amara")]).send().unwrap());
    assert_eq!((page.status, page.text("h1")), (403, "This form was not sent from here".to_owned()));
    assert!(page.texts("main input").is_empty());
}
