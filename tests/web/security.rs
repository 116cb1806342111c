//! Headers and cross-site requests (`quality.md` section 2).

use crate::support::app::{TestApp, settings};
use crate::support::builders::{self, PASSWORD};
use crate::support::database::TestDatabase;

const FIELDS: [(&str, &str); 2] = [("username", "admin"), ("password", PASSWORD)];

fn app() -> TestApp {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(10));
    builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    app
}

#[test]
fn writes_are_taken_from_our_own_pages_only() {
    let app = app();
    let own = app.url("").trim_end_matches('/').to_owned();
    let cases: [(&[(&str, &str)], u16); 9] = [
        (&[("sec-fetch-site", "same-origin")], 303),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("sec-fetch-site", "none")], 403),
        (&[("origin", &own)], 303),
        (&[("origin", "https://evil.example")], 403),
        (&[("origin", "null")], 403),
        (&[("sec-fetch-site", "cross-site"), ("origin", &own)], 403),
        (&[], 403),
    ];
    for (headers, expected) in cases {
        let visitor = app.visitor();
        let request = headers
            .iter()
            .fold(visitor.post_request("/sign-in"), |request, (name, value)| request.header(*name, *value));
        assert_eq!(request.form(&FIELDS).send().unwrap().status(), expected, "{headers:?}");
    }
}

#[test]
fn every_response_has_the_security_headers_error_pages_too() {
    let app = app();
    let visitor = app.signed_in("admin");
    for path in
        ["/organisations", "/sign-in", "/nowhere", "/settings", "/static/app.css", "/health/live", "/static/none"]
    {
        let response = visitor.get(path);
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        let caching = header("cache-control");
        assert_eq!(caching, if path == "/static/app.css" { "no-cache" } else { "no-store" }, "{path}");
        assert!(!response.headers().contains_key("strict-transport-security"));
    }
}

#[test]
fn behind_https_the_cookie_is_bound_to_the_host_and_browsers_are_told_to_stay() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    builders::person(conn, None, "admin", Some(("instance_admin", None)));
    let mut settings = settings();
    settings.public_origin = Some("https://headroom.example".to_owned());
    let app = TestApp::start_with(&settings, database);
    let response = app
        .visitor()
        .post_request("/sign-in")
        .header("origin", "https://headroom.example")
        .form(&FIELDS)
        .send()
        .unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("__Host-headroom=") && cookie.contains("Secure") && cookie.contains("Path=/"),
        "{cookie}"
    );
    assert!(!cookie.contains("Domain"));
    assert!(response.headers().contains_key("strict-transport-security"));
    let local = app.url("");
    let refused = app.visitor().post_request("/sign-in").header("origin", local).form(&FIELDS).send().unwrap();
    assert_eq!(refused.status(), 403);
}

#[test]
fn a_cookie_that_was_tampered_with_signs_nobody_in() {
    let app = app();
    let visitor = app.visitor();
    for cookie in
        ["headroom=abc", "headroom=", "headroom=%00", "headroom=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3Dxyz"]
    {
        let response = visitor.client.get(app.url("/organisations")).header("cookie", cookie).send().unwrap();
        assert_eq!(response.status(), 303, "{cookie}");
    }
}

#[test]
fn static_files_may_be_kept_forever_under_their_version() {
    let app = app();
    let visitor = app.visitor();
    let page = visitor.page("/sign-in");
    for address in page.attributes("link[rel=stylesheet]", "href") {
        let response = visitor.get(&address);
        assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable", "{address}");
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/css"));
        let etag = response.headers()["etag"].clone();
        let again = visitor.client.get(app.url(&address)).header("if-none-match", etag).send().unwrap();
        assert_eq!(again.status(), 304);
    }
    assert_eq!(visitor.get("/static/..%2fCargo.toml").status(), 404);
}
