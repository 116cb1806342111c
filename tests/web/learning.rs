//! The learner's own page.

use diesel::prelude::*;
use headroom::schema::{audit_changes, audit_entries, enrolments, experiences};
use uuid::Uuid;

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

/// Somebody with one enrolment.
struct Learner {
    app: TestApp,
    id: Uuid,
    experience: Uuid,
    enrolment: Uuid,
}

fn learner(starts_on: &str, expires_on: Option<&str>) -> Learner {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(10));
    let id = builders::person(conn, Some(root), "learner", None);
    let experience = builders::experience(conn, root, "LX");
    let enrolment = builders::enrol(conn, id, experience, starts_on, expires_on);
    Learner { app, id, experience, enrolment }
}

impl Learner {
    fn path(&self) -> String {
        format!("/learn/{}", self.experience)
    }

    fn completed_on(&self) -> Option<chrono::NaiveDate> {
        let conn = &mut self.app.conn();
        enrolments::table.find(self.enrolment).select(enrolments::completed_on).first(conn).unwrap()
    }

    fn entries(&self) -> i64 {
        let signing_in = audit_entries::action.eq("user.signed_in");
        audit_entries::table.filter(diesel::dsl::not(signing_in)).count().get_result(&mut self.app.conn()).unwrap()
    }
}

#[test]
fn a_live_one_opens_with_its_text_and_dates_and_its_text_is_inert() {
    let learner = learner("2026-11-01", Some("2026-11-24"));
    let conn = &mut learner.app.conn();
    diesel::update(experiences::table.find(learner.experience))
        .set(experiences::description.eq("One\n\n<script>Two</script>"))
        .execute(conn)
        .unwrap();
    diesel::update(enrolments::table.find(learner.enrolment))
        .set(enrolments::due_on.eq(builders::date("2026-11-23")))
        .execute(conn)
        .unwrap();
    let visitor = learner.app.signed_in("learner");
    assert_eq!(visitor.page("/learn").attributes("tbody a", "href"), [learner.path()]);
    let page = visitor.page(&learner.path());
    assert_eq!((page.status, page.text("h1")), (200, "Learning LX".to_owned()));
    assert_eq!(page.texts(".prose p"), ["One", "<script>Two</script>"]);
    assert_eq!(page.text(".lede"), "Since 1 Nov 2026. Until 24 Nov 2026. Was due on 23 Nov 2026.");
    assert_eq!(page.texts("main button"), ["Mark as complete"]);
}

#[test]
fn opening_one_is_remembered_to_the_minute_and_is_no_entry_of_the_audit_log() {
    let learner = learner("2026-11-01", None);
    let visitor = learner.app.signed_in("learner");
    let seen = || -> Option<chrono::DateTime<chrono::Utc>> {
        let conn = &mut learner.app.conn();
        enrolments::table.find(learner.enrolment).select(enrolments::last_accessed_at).first(conn).unwrap()
    };
    assert_eq!(seen(), None);
    visitor.get(&learner.path());
    let first = seen().unwrap();
    learner.app.set_time("2026-11-24T12:00:59Z");
    visitor.get(&learner.path());
    assert_eq!(seen(), Some(first));
    learner.app.set_time("2026-11-24T12:01:00Z");
    visitor.get(&learner.path());
    assert_eq!(seen().unwrap().to_rfc3339(), "2026-11-24T12:01:00+00:00");
    assert_eq!(learner.entries(), 0);
}

#[test]
fn marking_as_complete_takes_the_day_of_the_own_organisation_once() {
    let learner = learner("2026-06-01", None);
    learner.app.set_time("2026-06-30T23:30:00Z"); // July in London
    let visitor = learner.app.signed_in("learner");
    let complete = format!("{}/complete", learner.path());
    let response = visitor.post(&complete, &[]);
    assert_eq!(response.headers()["location"].to_str().unwrap(), format!("{}?completed=1", learner.path()));
    assert_eq!(learner.completed_on(), Some(builders::date("2026-07-01")));
    learner.app.set_time("2026-07-05T10:00:00Z");
    let visitor = learner.app.signed_in("learner");
    assert_eq!(visitor.post(&complete, &[]).status(), 303);
    assert_eq!(learner.completed_on(), Some(builders::date("2026-07-01")));
    let page = visitor.page(&learner.path());
    assert_eq!(page.texts("section.panel:not(.prose) p"), ["Completed on 1 Jul 2026"]);
    assert!(page.texts("main form").is_empty());
    let changes: Vec<(Option<Uuid>, Option<serde_json::Value>)> = audit_changes::table
        .filter(audit_changes::subject_id.eq(learner.enrolment))
        .select((audit_changes::person_id, audit_changes::after))
        .load(&mut learner.app.conn())
        .unwrap();
    assert_eq!(changes, [(Some(learner.id), Some(serde_json::json!({ "completed_on": "2026-07-01" })))]);
    assert_eq!(learner.entries(), 1);
}

#[test]
fn one_that_has_ended_says_so_and_keeps_the_completion_record() {
    let learner = learner("2026-01-01", Some("2026-11-23"));
    let visitor = learner.app.signed_in("learner");
    visitor.post(&format!("{}/complete", learner.path()), &[]);
    assert_eq!(learner.completed_on(), None);
    let page = visitor.page(&learner.path());
    assert_eq!((page.status, page.text("h1")), (403, "Access ended on 23 Nov 2026".to_owned()));
    assert!(page.text("main").contains("can no longer be accessed"));
    assert!(page.texts("section.panel").is_empty());
    diesel::update(enrolments::table.find(learner.enrolment))
        .set((enrolments::completed_on.eq(builders::date("2026-03-02")), enrolments::result.eq("Pass")))
        .execute(&mut learner.app.conn())
        .unwrap();
    let page = visitor.page(&learner.path());
    assert_eq!(page.status, 403);
    assert_eq!(page.text("section.panel p"), "Completed on 2 Mar 2026: Pass");
    assert!(page.text("main").contains("Your completion record is kept"));
}

#[test]
fn one_that_began_today_and_was_ended_today_says_when() {
    let Learner { app, experience, .. } = learner("2026-11-24", Some("2026-11-23"));
    let page = app.signed_in("learner").page(&format!("/learn/{experience}"));
    assert_eq!((page.status, page.text("h1")), (403, "Access ended on 23 Nov 2026".to_owned()));
}

#[test]
fn one_that_has_not_begun_says_when_it_opens() {
    let learner = learner("2026-11-25", None);
    let page = learner.app.signed_in("learner").page(&learner.path());
    assert_eq!((page.status, page.text("h1")), (403, "Opens on 25 Nov 2026".to_owned()));
}

#[test]
fn an_archived_one_stays_open_to_whoever_is_enrolled() {
    let learner = learner("2026-11-01", None);
    diesel::update(experiences::table.find(learner.experience))
        .set(experiences::archived_at.eq(chrono::DateTime::UNIX_EPOCH))
        .execute(&mut learner.app.conn())
        .unwrap();
    let page = learner.app.signed_in("learner").page(&learner.path());
    assert_eq!((page.status, page.text(".notice h2")), (200, "It is archived".to_owned()));
}

#[test]
fn for_whoever_is_not_enrolled_it_does_not_exist() {
    let learner = learner("2026-11-01", None);
    let conn = &mut learner.app.conn();
    let root = builders::root(conn, "Globex", None);
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    builders::person(conn, Some(root), "other", None);
    for who in ["instance", "other"] {
        let visitor = learner.app.signed_in(who);
        assert_eq!(visitor.get(&learner.path()).status(), 404, "{who}");
        assert_eq!(visitor.post(&format!("{}/complete", learner.path()), &[]).status(), 404, "{who}");
    }
    assert_eq!(learner.completed_on(), None);
}
