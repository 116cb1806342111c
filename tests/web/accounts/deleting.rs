//! Deleting, restoring, and what is left.

use super::*;

#[test]
fn deleting_says_what_goes_then_frees_the_license_and_ends_the_session() {
    let world = world();
    let conn = &mut world.app.conn();
    let id = builders::person(conn, Some(world.east), "amara", None);
    let second = builders::experience(conn, world.acme, "LX2");
    builders::enrol(conn, id, world.experience, "2026-01-01", Some("2026-12-31"));
    let done = builders::enrol(conn, id, second, "2026-01-01", Some("2026-02-28"));
    diesel::update(enrolments::table.find(done))
        .set(enrolments::completed_on.eq(date("2026-02-01")))
        .execute(conn)
        .unwrap();
    let (admin, amara) = (world.app.signed_in("admin"), world.app.signed_in("amara"));
    let asked = admin.page(&format!("/users/{id}/delete"));
    assert_eq!(asked.texts(".effects ul:first-of-type li"), ["the account", "2 enrolments", "1 completion record"]);
    let happens = asked.texts(".effects li").join(" ");
    assert!(happens.contains("1 license becomes free") && happens.contains("Until 1 Dec 2026"), "{happens}");
    assert_eq!(asked.texts(".buttons > *"), ["Cancel", "Delete 1 user"]);
    assert_eq!(asked.attributes(".effects p a", "href"), [format!("/users/expire?ids={id}")]);

    assert_eq!((used(&admin, world.acme), amara.get("/learn").status().as_u16()), ("1".into(), 200));
    let to = location(&admin.post(&format!("/users/{id}/delete"), &[]));
    assert_eq!((used(&admin, world.acme), amara.get("/learn").status().as_u16()), ("0".into(), 303));
    assert_eq!(admin.get(&format!("/users/{id}")).status(), 404);
    let list = admin.page(&to);
    assert_eq!(list.text(".notice h2"), "1 user is deleted");
    assert_eq!(list.rows()[0][0], "Test amara amara");
    assert!(list.rows()[0][2].ends_with("by Test admin"));
    // pressed twice
    assert_eq!(location(&admin.post(&format!("/users/{id}/delete"), &[])), to);
    let detail: Value = audit_entries::table
        .filter(audit_entries::action.eq("user.deleted"))
        .select(audit_entries::detail)
        .first(conn)
        .unwrap();
    assert_eq!((&detail["enrolments"], &detail["licenses_freed"]), (&2.into(), &1.into()));
    let before: Option<Value> =
        audit_changes::table.filter(audit_changes::person_id.eq(id)).select(audit_changes::before).first(conn).unwrap();
    assert_eq!(before.as_ref().unwrap()["username"], "amara");
    assert!(!before.unwrap().to_string().contains("argon2"));
}

#[test]
fn nobody_deletes_themselves() {
    let world = world();
    let id = id_of(&mut world.app.conn(), "admin");
    let admin = world.app.signed_in("admin");
    let page = admin.page(&format!("/users/{id}/delete"));
    assert!(page.texts("main form").is_empty() && page.text(".panel h2") == "This is your own account");
    assert_eq!(admin.post(&format!("/users/{id}/delete"), &[]).status(), 422);
    assert_eq!(admin.get(&format!("/users/{id}")).status(), 200);
}

#[test]
fn restoring_brings_everything_back() {
    let world = world();
    let conn = &mut world.app.conn();
    let id = builders::person(conn, Some(world.east), "amara", Some(("user_manager", Some(world.east))));
    builders::enrol(conn, id, world.experience, "2026-01-01", None);
    let admin = world.app.signed_in("admin");
    admin.post(&format!("/users/{id}/delete"), &[]);
    assert_eq!(used(&admin, world.acme), "0");
    let restore = format!("/users/{id}/restore");
    let to = location(&admin.post(&restore, &[]));
    let page = admin.page(&to);
    assert_eq!((page.text("h1"), page.text(".notice h2")), ("Test amara".into(), "The user is restored".into()));
    assert_eq!(page.texts(".notice p"), ["1 person became active, which took 1 license: East 1."], "nothing is lost");
    assert_eq!(used(&admin, world.acme), "1");
    assert_eq!(world.app.signed_in("amara").get("/users/new").status(), 200, "with password and role");
    assert_eq!(location(&admin.post(&restore, &[])), format!("/users/{id}"), "twice is once");
    assert_eq!(admin.page("/users/deleted").text(".empty h2"), "There is nobody to restore");
    assert_eq!(actions(conn), ["user.deleted", "user.restored"]);
}

#[test]
fn what_is_gone_does_not_come_back_and_is_told() {
    let world = world();
    let conn = &mut world.app.conn();
    let id = builders::person(conn, Some(world.acme), "amara", Some(("user_manager", Some(world.east))));
    builders::enrol(conn, id, world.experience, "2026-01-01", None);
    let admin = world.app.signed_in("admin");
    admin.post(&format!("/users/{id}/delete"), &[]);
    diesel::sql_query("delete from experiences").execute(conn).unwrap();
    diesel::delete(organisations::table.find(world.east)).execute(conn).unwrap();
    let to = location(&admin.post(&format!("/users/{id}/restore"), &[]));
    assert_eq!(
        admin.page(&to).texts(".notice p"),
        [
            "1 enrolment did not come back, because the learning experience is gone.",
            "1 role did not come back, because the organisation is gone.",
        ]
    );
}

#[test]
fn restoring_tells_that_a_limit_is_exceeded_to_whoever_did_it() {
    let world = world();
    let conn = &mut world.app.conn();
    let people = ["amara", "ben"].map(|name| builders::user(conn, Some(world.east), name));
    for person in people {
        builders::enrol(conn, person, world.experience, "2026-01-01", None);
    }
    diesel::update(organisations::table.find(world.east)).set(organisations::user_limit.eq(1)).execute(conn).unwrap();
    let admin = world.app.signed_in("admin");
    admin.post(&format!("/users/{}/delete", people[0]), &[]);
    let to = location(&admin.post(&format!("/users/{}/restore", people[0]), &[]));
    assert_eq!(
        admin.page(&to).texts(".notice p"),
        ["1 person became active, which took 1 license: East 1.", "East is over its limit by 1: 2 of 1."]
    );
    builders::person(conn, Some(world.acme), "colleague", Some(("org_admin", Some(world.acme))));
    let colleague = world.app.signed_in("colleague");
    assert!(colleague.page(&to).texts(".notice p").is_empty(), "what somebody else did is in the audit log");
    let made_up = format!("/users/{}?done=restored&entry={}", people[0], Uuid::now_v7());
    assert!(admin.page(&made_up).texts(".notice p").is_empty());
}

#[test]
fn what_is_taken_meanwhile_is_a_conflict_in_words() {
    let world = world();
    let conn = &mut world.app.conn();
    let id = builders::user(conn, Some(world.acme), "amara");
    let admin = world.app.signed_in("admin");
    admin.post(&format!("/users/{id}/delete"), &[]);
    builders::user(conn, Some(world.globex), "AMARA");
    let page = Page::of(admin.post(&format!("/users/{id}/restore"), &[]));
    assert_eq!((page.status, page.text("h1")), (409, "Test amara cannot be restored".into()));
    assert_eq!(
        page.texts(".problems li"),
        [
            "Somebody else has the username “amara” now.",
            "Somebody else has the e-mail address “amara@people.example” now.",
        ]
    );
    let instance = world.app.signed_in("instance");
    diesel::delete(users::table.filter(users::username.eq("AMARA"))).execute(conn).unwrap();
    diesel::sql_query("update deleted_users set organisation_id = uuid_v7()").execute(conn).unwrap();
    assert_eq!(admin.post(&format!("/users/{id}/restore"), &[]).status(), 404);
    let page = Page::of(instance.post(&format!("/users/{id}/restore"), &[]));
    assert_eq!(page.texts(".problems li"), ["The organisation that the person belonged to is gone."]);
}

#[test]
fn who_is_deleted_is_seen_and_restored_only_within_the_scope_and_reach() {
    let world = world();
    let conn = &mut world.app.conn();
    let there = builders::user(conn, Some(world.globex), "there");
    let mighty = builders::person(conn, Some(world.acme), "mighty", Some(("org_admin", Some(world.globex))));
    let instance = world.app.signed_in("instance");
    for id in [there, mighty] {
        instance.post(&format!("/users/{id}/delete"), &[]);
    }
    let admin = world.app.signed_in("admin");
    let rows = admin.page("/users/deleted").rows();
    assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), ["Test mighty mighty"]);
    assert!(!rows[0][2].contains(" by "), "who is outside the scope is not named: {}", rows[0][2]);
    assert_eq!(admin.post(&format!("/users/{there}/restore"), &[]).status(), 404);
    assert_eq!(admin.post(&format!("/users/{mighty}/restore"), &[]).status(), 403);
    assert_eq!(instance.page("/users/deleted").rows().len(), 2);
}

#[test]
fn after_the_window_a_deleted_user_is_gone_for_good_also_from_the_audit_log() {
    let world = world();
    let conn = &mut world.app.conn();
    let admin = world.app.signed_in("admin");
    admin.post("/users", &NEW);
    let id = id_of(conn, "amara");
    admin.post(&format!("/users/{id}/delete"), &[]);
    let changes = |conn: &mut PgConnection| -> i64 {
        audit_changes::table.filter(audit_changes::person_id.eq(id)).count().get_result(conn).unwrap()
    };
    let tidy = |conn: &mut PgConnection| housekeeping::tidy(conn, world.app.clock.now()).unwrap();
    tidy(conn);
    assert_eq!(changes(conn), 2);
    world.app.set_time("2026-12-01T12:00:00Z");
    let admin = world.app.signed_in("admin");
    assert_eq!(admin.post(&format!("/users/{id}/restore"), &[]).status(), 404);
    assert!(admin.page("/users/deleted").rows().is_empty());
    tidy(conn);
    assert_eq!((changes(conn), deleted_users::table.count().get_result::<i64>(conn)), (0, Ok(0)));
    assert_eq!(actions(conn), ["user.created", "user.deleted", "user.forgotten"]);
}

#[test]
fn with_a_window_of_no_days_nothing_is_kept_and_the_confirmation_says_so() {
    let world = world();
    let conn = &mut world.app.conn();
    diesel::update(instance_settings::table).set(instance_settings::restore_window_days.eq(0)).execute(conn).unwrap();
    let id = builders::user(conn, Some(world.acme), "amara");
    let admin = world.app.signed_in("admin");
    let asked = admin.page(&format!("/users/{id}/delete")).texts(".effects li").join(" ");
    assert!(asked.contains("This cannot be undone"), "{asked}");
    admin.post(&format!("/users/{id}/delete"), &[]);
    let kept: Vec<Value> = deleted_users::table.select(deleted_users::account).load(conn).unwrap();
    assert_eq!(kept, [serde_json::json!({})]);
    assert!(admin.page("/users/deleted").rows().is_empty());
    assert_eq!(admin.post(&format!("/users/{id}/restore"), &[]).status(), 404);
    housekeeping::tidy(conn, world.app.clock.now()).unwrap();
    assert_eq!(audit_changes::table.count().get_result::<i64>(conn), Ok(0));
}

#[test]
fn a_persons_page_shows_enrolments_with_their_records() {
    let world = world();
    let conn = &mut world.app.conn();
    let id = builders::user(conn, Some(world.acme), "amara");
    builders::enrol(conn, id, world.experience, "2026-01-01", Some("2027-01-03"));
    let ended = builders::experience(conn, world.acme, "ENDED");
    let enrolment = builders::enrol(conn, id, ended, "2026-01-01", Some("2026-11-23"));
    diesel::sql_query(
        "update enrolments set due_on = '2026-03-01', completed_on = '2026-02-01', result = 'passed', score = 87.5,
           last_accessed_at = '2026-11-23T12:00:00Z' where id = $1",
    )
    .bind::<diesel::sql_types::Uuid, _>(enrolment)
    .execute(conn)
    .unwrap();
    let coming = builders::experience(conn, world.acme, "COMING");
    builders::enrol(conn, id, coming, "2026-11-25", None);
    let page = world.app.signed_in("manager").page(&format!("/users/{id}"));
    assert_eq!(page.text(".lede"), "Active: 1 live enrolment, no end");
    assert_eq!(
        page.rows(),
        [
            ["Learning LX", "Live", "1 Jan 2026", "3 Jan 2027", "", "Not completed", "Never"],
            ["Learning COMING", "Not started", "25 Nov 2026", "No end", "", "Not completed", "Never"],
            [
                "Learning ENDED",
                "Expired",
                "1 Jan 2026",
                "23 Nov 2026",
                "1 Mar 2026",
                "1 Feb 2026: passed, score 87.5",
                "yesterday"
            ],
        ]
    );
    assert!(page.texts("select[name=role]").is_empty(), "a user manager grants no roles");
}

#[test]
fn the_log_has_what_comes_back() {
    let world = world();
    let conn = &mut world.app.conn();
    let id = builders::person(conn, Some(world.east), "amara", Some(("user_manager", Some(world.east))));
    builders::enrol(conn, id, world.experience, "2026-01-01", None);
    let admin = world.app.signed_in("admin");
    location(&admin.post(&format!("/users/{id}/delete"), &[]));
    location(&admin.post(&format!("/users/{id}/restore"), &[]));
    let logged = |action: &str, conn: &mut PgConnection| -> Vec<(String, Option<Value>, Option<Value>)> {
        audit_changes::table
            .inner_join(audit_entries::table.on(audit_entries::id.eq(audit_changes::entry_id)))
            .filter(audit_entries::action.eq(action))
            .order((audit_changes::subject_kind, audit_changes::subject_id))
            .select((audit_changes::subject_kind, audit_changes::before, audit_changes::after))
            .load(conn)
            .unwrap()
    };
    let gone = logged("user.deleted", conn);
    assert_eq!(gone.iter().map(|(kind, ..)| kind.as_str()).collect::<Vec<_>>(), ["enrolment", "role", "user"]);
    let back: Vec<_> = gone.into_iter().map(|(kind, before, _)| (kind, None, before)).collect();
    assert_eq!(logged("user.restored", conn), back);
}

#[test]
fn whoever_deletes_from_a_list_gets_back_to_it() {
    let world = world();
    let id = builders::user(&mut world.app.conn(), Some(world.acme), "amara");
    let admin = world.app.signed_in("admin");
    let address = format!("/users/{id}/delete");
    let list = world.app.url("/users?q=test&status=inactive");
    let asked = Page::of(admin.client.get(world.app.url(&address)).header("referer", list).send().unwrap());
    assert_eq!(asked.attributes(".buttons a", "href"), ["/users?q=test&status=inactive"]);
    let field = asked.attributes("main form input[name=list]", "value").remove(0);
    let to = location(&admin.post(&address, &[("list", &field)]));
    assert!(to.starts_with("/users?q=test&status=inactive&done="), "{to}");
    let shown = admin.page(&to);
    assert_eq!(shown.text(".notice h2"), "1 user is deleted");
    assert_eq!(shown.attributes(".notice a", "href"), ["/users/deleted"]);
    // from anywhere else it leads to those who can be restored
    let other = builders::user(&mut world.app.conn(), Some(world.acme), "ben");
    let elsewhere = world.app.url("/audit?q=test");
    let other = world.app.url(&format!("/users/{other}/delete"));
    let asked = admin.client.get(other).header("referer", elsewhere).send().unwrap();
    assert!(Page::of(asked).attributes("main form input", "name").is_empty());
}
