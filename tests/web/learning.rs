//! The learner's own page.

use diesel::prelude::*;
use headroom::schema::enrolments;

use crate::support::app::TestApp;
use crate::support::builders;

#[test]
fn people_see_their_own_learning_experiences_with_their_state_and_nobody_elses() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(10));
    let learner = builders::person(conn, Some(root), "learner", None);
    let other = builders::user(conn, Some(root), "other");
    let [live, endless, coming, ended, foreign] =
        ["A", "B", "C", "D", "E"].map(|code| builders::experience(conn, root, code));
    builders::enrol(conn, learner, live, "2026-11-01", Some("2026-11-24"));
    builders::enrol(conn, learner, endless, "2026-11-24", None);
    builders::enrol(conn, learner, coming, "2026-11-25", None);
    let completed = builders::enrol(conn, learner, ended, "2026-01-01", Some("2026-11-23"));
    builders::enrol(conn, other, foreign, "2026-01-01", None);
    diesel::update(enrolments::table.find(completed))
        .set((enrolments::completed_on.eq(builders::date("2026-03-02")), enrolments::result.eq("Pass")))
        .execute(conn)
        .unwrap();
    assert_eq!(
        app.signed_in("learner").page("/learn").rows(),
        [
            ["Learning A", "Live", "Until 24 Nov 2026", "Not completed"],
            ["Learning B", "Live", "No end date", "Not completed"],
            ["Learning C", "Not started", "Opens on 25 Nov 2026", "Not completed"],
            ["Learning D", "Ended", "Ended on 23 Nov 2026", "Completed on 2 Mar 2026: Pass"],
        ]
    );
}

#[test]
fn without_any_it_says_so() {
    let app = TestApp::start();
    builders::person(&mut app.conn(), None, "learner", None);
    let page = app.signed_in("learner").page("/learn");
    assert_eq!(page.text(".empty h2"), "You are not enrolled on any learning experience");
}
