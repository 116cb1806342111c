//! The desk of those who look after accounts.

use diesel::prelude::*;
use headroom::schema::{license_checks, overages};
use uuid::Uuid;

use crate::support::app::TestApp;
use crate::support::builders::{self, Agreed, date};

fn root(app: &TestApp, name: &str, limit: Option<i32>, active: i32) -> Uuid {
    let conn = &mut app.conn();
    let root = builders::root(conn, name, limit);
    let experience = builders::experience(conn, root, "LX");
    builders::active_users(conn, root, experience, active);
    root
}

fn stage(app: &TestApp, root: Uuid, stage: &str) {
    let changed = diesel::update(overages::table.filter(overages::organisation_id.eq(root)))
        .set(overages::stage.eq(stage))
        .execute(&mut app.conn());
    assert_eq!(changed, Ok(1));
}

/// Accounts in every state.
fn office() -> (TestApp, Uuid) {
    let app = TestApp::start();
    let conn = &mut app.conn();
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    let minor = root(&app, "Minor", Some(100), 104);
    root(&app, "Major", Some(100), 110);
    let overdue = root(&app, "Overdue", Some(100), 102);
    root(&app, "Calm", Some(100), 10);
    let coming = root(&app, "Coming", Some(100), 20);
    root(&app, "Boundless", None, 3);
    root(&app, "Full", Some(100), 100);
    builders::child(conn, minor, "Part", Some(1));
    app.check_licenses();
    stage(&app, overdue, "overdue");
    diesel::update(license_checks::table.find(coming))
        .set(license_checks::crossing_on.eq(date("2027-01-03")))
        .execute(conn)
        .unwrap();
    (app, minor)
}

#[test]
fn accounts_stand_in_the_order_of_their_urgency() {
    let (app, minor) = office();
    let page = app.signed_in("instance").page("/desk");
    assert_eq!(page.text(".lede"), "7 accounts");
    let states: Vec<[String; 2]> = page.rows().into_iter().map(|row| [row[0].clone(), row[1].clone()]).collect();
    assert_eq!(
        states,
        [
            ["Major", "Major overage, upgrade on 25 Nov 2026, 12:00 UTC 24 hours left"],
            ["Overdue", "Minor overage, overdue; major from 23 Dec 2026 on 21 business days left"],
            ["Minor", "Minor overage, due until the end of 8 Dec 2026 10 business days left"],
            ["Coming", "Within the limit over it from 3 Jan 2027 on, by what is scheduled"],
            ["Full", "Within the limit"],
            ["Calm", "Within the limit"],
            ["Boundless", "No limit"],
        ]
    );
    assert_eq!(page.rows()[2][2..6], ["100", "104", "104 of 100 104.0 %, over by 4", ""].map(str::to_owned));
    assert_eq!(page.attributes("tbody a", "href")[2], format!("/organisations/{minor}/licenses"));
}

#[test]
fn it_is_searched_by_name_and_state_and_sorted_by_its_headings() {
    let (app, _) = office();
    let instance = app.signed_in("instance");
    let names = |query: &str| -> Vec<String> {
        instance.page(&format!("/desk?{query}")).rows().into_iter().map(|row| row[0].clone()).collect()
    };
    assert_eq!(names("q=MINO"), ["Minor"]);
    assert_eq!(names("state=over"), ["Major", "Overdue", "Minor"]);
    assert_eq!(names("state=overdue"), ["Overdue"]);
    assert_eq!(names("state=coming"), ["Coming"]);
    assert_eq!(names("state=within&sort=name"), ["Boundless", "Calm", "Coming", "Full"]);
    assert_eq!(names("sort=-name")[..2], ["Overdue", "Minor"]);
    assert_eq!(names("sort=used")[..2], ["Boundless", "Calm"]);
    assert_eq!(names("sort=-percentage")[..4], ["Major", "Minor", "Overdue", "Full"]);
    assert_eq!(names("sort=-limit").last().unwrap(), "Boundless");
    assert_eq!(names("sort=nonsense&state=nonsense")[0], "Major");
    let page = instance.page("/desk?state=over&sort=-used");
    assert_eq!(page.attributes("th[aria-sort]", "aria-sort"), ["descending"]);
    assert_eq!(page.attributes("th[aria-sort] a", "href"), ["/desk?state=over&sort=used"]);
    let page = instance.page("/desk?q=nobody");
    assert_eq!(
        (page.text(".empty h2"), page.attributes(".empty a", "href")),
        ("No account matches".into(), vec!["/desk".to_owned()])
    );
    assert_eq!(instance.get("/desk?page=2").status(), 404);
}

#[test]
fn an_account_shows_its_re_uses_and_its_next_renewal() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    let (acme, plain) = (root(&app, "Acme", Some(2), 3), root(&app, "Plain", Some(5), 0));
    builders::agreement(conn, acme, Agreed::of("2026-03-01", 2));
    builders::agreement(conn, plain, Agreed { in_force_since: None, ..Agreed::of("2027-01-01", 5) });
    let row = |index: usize| app.signed_in("instance").page("/desk?sort=name").rows()[index][5..].to_vec();
    assert_eq!(row(0), ["1 of 6", "28 Feb 2027"]);
    assert_eq!(row(1), ["", "begins 1 Jan 2027"]);
    builders::agreement(conn, acme, Agreed { in_force_since: None, ..Agreed::of("2027-03-01", 2) });
    assert_eq!(row(0), ["1 of 6", "28 Feb 2027 renewed"]);
}

#[test]
fn an_account_manager_sees_the_own_accounts_and_nobody_else_has_a_desk() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let acme = root(&app, "Acme", Some(10), 1);
    root(&app, "Globex", Some(10), 1);
    builders::person(conn, None, "manager", Some(("account_manager", Some(acme))));
    builders::person(conn, Some(acme), "admin", Some(("org_admin", Some(acme))));
    let page = app.signed_in("manager").page("/desk");
    assert_eq!(page.rows().into_iter().map(|row| row[0].clone()).collect::<Vec<_>>(), ["Acme"]);
    assert!(page.texts("nav.side a").contains(&"Accounts".to_owned()));
    let admin = app.signed_in("admin");
    assert_eq!(admin.get("/desk").status(), 403);
    assert!(!admin.page("/notices").texts("nav.side a").contains(&"Accounts".to_owned()));
}

#[test]
fn many_accounts_are_paged_in_their_order() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    for number in 1..=53 {
        builders::root(conn, &format!("Account {number}"), Some(10));
    }
    let instance = app.signed_in("instance");
    let page = instance.page("/desk?sort=name");
    assert_eq!((page.rows().len(), page.rows()[1][0].as_str()), (50, "Account 2"));
    let next = page.attributes("a[rel=next]", "href");
    assert_eq!(next, ["/desk?sort=name&page=2"]);
    let rows = instance.page(&next[0]).rows();
    assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), ["Account 51", "Account 52", "Account 53"]);
}
