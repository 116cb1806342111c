//! One user: show, add, edit, roles, delete, restore.

use diesel::prelude::*;
use headroom::jobs::housekeeping;
use headroom::schema::{
    audit_changes, audit_entries, deleted_users, enrolments, instance_settings, organisations, role_grants, users,
};
use reqwest::blocking::Response;
use serde_json::Value;
use uuid::Uuid;

use crate::support::app::{Page, TestApp, Visitor};
use crate::support::builders::{self, PASSWORD, date};

struct World {
    app: TestApp,
    acme: Uuid,
    east: Uuid,
    globex: Uuid,
    experience: Uuid,
}

/// Two trees; an instance admin, and in the first an org admin and a user manager.
fn world() -> World {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let acme = builders::root(conn, "Acme", Some(10));
    let east = builders::child(conn, acme, "East", None);
    let globex = builders::root(conn, "Globex", None);
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    builders::person(conn, Some(acme), "admin", Some(("org_admin", Some(acme))));
    builders::person(conn, Some(acme), "manager", Some(("user_manager", Some(acme))));
    let experience = builders::experience(conn, acme, "LX");
    World { app, acme, east, globex, experience }
}

const NEW: [(&str, &str); 4] =
    [("username", "amara"), ("email", "amara@acme.example"), ("first_name", "Amara"), ("last_name", "Okafor")];

fn with<'a>(fields: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
    kept.chain(more).copied().collect()
}

fn location(response: &Response) -> String {
    assert_eq!(response.status(), 303);
    response.headers()["location"].to_str().unwrap().to_owned()
}

fn id_of(conn: &mut PgConnection, username: &str) -> Uuid {
    users::table.filter(users::username.eq(username)).select(users::id).first(conn).unwrap()
}

fn values(conn: &mut PgConnection, id: Uuid) -> (String, Option<String>, Option<Uuid>, Option<chrono::NaiveDate>) {
    users::table
        .find(id)
        .select((users::first_name, users::job_function, users::organisation_id, users::expires_on))
        .first(conn)
        .unwrap()
}

fn actions(conn: &mut PgConnection) -> Vec<String> {
    audit_entries::table
        .filter(audit_entries::action.not_like("user.signed%"))
        .order(audit_entries::at)
        .select(audit_entries::action)
        .load(conn)
        .unwrap()
}

fn used(visitor: &Visitor<'_>, organisation: Uuid) -> String {
    visitor.page(&format!("/organisations/{organisation}/licenses")).rows()[0][2].clone()
}

#[test]
fn a_user_is_added_with_four_values_and_can_be_seen() {
    let world = world();
    let admin = world.app.signed_in("admin");
    assert!(admin.page("/organisations").texts("nav.side a").contains(&"Users".to_owned()));
    let form = admin.page("/users/new");
    assert_eq!(form.attributes("select[name=organisation] option[selected]", "value"), [world.acme.to_string()]);
    let to = location(&admin.post("/users", &NEW));
    let conn = &mut world.app.conn();
    let id = id_of(conn, "amara");
    assert_eq!(to, format!("/users/{id}?done=added"));
    let page = admin.page(&to);
    assert_eq!((page.text(".notice h2"), page.text("h1")), ("The user is added".into(), "Amara Okafor".into()));
    assert_eq!(page.text(".lede"), "Inactive: no enrolments");
    let facts = page.texts(".facts dd");
    assert_eq!((facts[2].as_str(), facts[10].as_str()), ("Acme", id.to_string().as_str()));
    let after: Option<Value> =
        audit_changes::table.filter(audit_changes::person_id.eq(id)).select(audit_changes::after).first(conn).unwrap();
    assert_eq!(after.unwrap()["email"], "amara@acme.example");
}

#[test]
fn a_user_is_added_with_everything_and_can_sign_in() {
    let world = world();
    let admin = world.app.signed_in("admin");
    let more = [
        ("organisation", "acme > east"),
        ("language", "pt-BR"),
        ("time_zone", "Europe/Lisbon"),
        ("expires_on", "2027-01-03"),
        ("job_function", "Nurse"),
        ("organisation_reference", "E-17"),
        ("password", PASSWORD),
        ("roles", "org_admin"),
    ];
    let to = location(&admin.post("/users", &with(&NEW, &more)));
    let page = admin.page(&to);
    let facts = page.texts(".facts div").join("; ");
    for fact in ["Acme > East", "pt-BR", "Europe/Lisbon", "3 Jan 2027", "Nurse", "E-17"] {
        assert!(facts.contains(fact), "{fact} in {facts}");
    }
    world.app.signed_in("amara");
    let conn = &mut world.app.conn();
    let id = id_of(conn, "amara");
    assert_eq!(role_grants::table.filter(role_grants::user_id.eq(id)).count().get_result(conn), Ok(0_i64));
}

#[test]
fn all_problems_are_told_at_once_and_everything_typed_stays_but_the_password() {
    let world = world();
    let admin = world.app.signed_in("admin");
    let wrong = [
        ("username", "MANAGER"),
        ("email", "nobody"),
        ("first_name", " "),
        ("last_name", "Okafor"),
        ("organisation", "Nowhere"),
        ("expires_on", "3.1.2027"),
        ("password", "short"),
        ("language", "English!"),
        ("time_zone", "Mars/Olympus"),
    ];
    let page = Page::of(admin.post("/users", &wrong));
    assert_eq!(page.status, 422);
    assert!(page.text("title").starts_with("Error: Add user"));
    assert_eq!(
        page.attributes(".problems a", "href"),
        ["#first_name", "#username", "#email", "#organisation", "#expires_on", "#password", "#language", "#time_zone"]
    );
    assert_eq!(page.text("#username-problem"), "Somebody already has this username. Choose another one.");
    assert_eq!(page.attributes("#time_zone", "value"), ["Mars/Olympus"]);
    assert_eq!(page.attributes("#last_name", "value"), ["Okafor"]);
    assert_eq!(page.attributes("#password", "value"), [""]);
    let taken = Page::of(admin.post("/users", &with(&NEW, &[("email", "Admin@People.example")])));
    assert_eq!((taken.status, taken.attributes(".problems a", "href")), (422, vec!["#email".to_owned()]));
    assert!(actions(&mut world.app.conn()).is_empty());
}

#[test]
fn what_is_no_text_of_the_database_is_a_problem_like_any_other() {
    let world = world();
    let admin = world.app.signed_in("admin");
    let page = Page::of(admin.post("/users", &with(&NEW, &[("username", "a\0b"), ("organisation", "\0")])));
    assert_eq!((page.status, page.texts(".problems a").len()), (422, 2));
}

#[test]
fn nobody_puts_people_into_an_organisation_outside_the_scope() {
    let world = world();
    let admin = world.app.signed_in("admin");
    for organisation in [world.globex.to_string(), "Globex".to_owned(), "none".to_owned(), Uuid::now_v7().to_string()] {
        let page = Page::of(admin.post("/users", &with(&NEW, &[("organisation", &organisation)])));
        assert_eq!((page.status, page.attributes(".problems a", "href")), (422, vec!["#organisation".to_owned()]));
    }
    let instance = world.app.signed_in("instance");
    let page = Page::of(instance.post("/users", &NEW));
    assert_eq!((page.status, page.text("#organisation-problem")), (422, "Choose an organisation.".into()));
    assert_eq!(instance.post("/users", &with(&NEW, &[("organisation", "none")])).status(), 303);
}

#[test]
fn with_many_organisations_the_path_is_typed() {
    let world = world();
    let conn = &mut world.app.conn();
    builders::units(conn, world.east, 201);
    let admin = world.app.signed_in("admin");
    let form = admin.page("/users/new");
    assert_eq!(form.attributes("input#organisation", "value"), ["Acme"]);
    let page = Page::of(admin.post("/users", &with(&NEW, &[("organisation", "Unit 20")])));
    assert_eq!(page.status, 303, "one is called exactly so");
    let again = with(&NEW, &[("organisation", "unit"), ("username", "b"), ("email", "b@acme.example")]);
    let page = Page::of(admin.post("/users", &again));
    assert_eq!((page.status, page.attributes("datalist option", "value").len()), (422, 50));
}

#[test]
fn an_account_is_edited_and_an_empty_field_is_cleared() {
    let world = world();
    let conn = &mut world.app.conn();
    let id = builders::user(conn, Some(world.acme), "amara");
    let admin = world.app.signed_in("admin");
    let address = format!("/users/{id}");
    let edit = with(&NEW, &[("job_function", "Nurse"), ("expires_on", "2027-01-03")]);
    assert_eq!(location(&admin.post(&address, &edit)), format!("{address}?done=saved"));
    assert_eq!(values(conn, id), ("Amara".into(), Some("Nurse".into()), Some(world.acme), Some(date("2027-01-03"))));
    // what is not sent stays
    admin.post(&address, &with(&NEW, &[("expires_on", "")]));
    assert_eq!(values(conn, id), ("Amara".into(), Some("Nurse".into()), Some(world.acme), None));
    admin.post(&address, &with(&NEW, &[("job_function", " "), ("organisation", &world.east.to_string())]));
    assert_eq!(values(conn, id), ("Amara".into(), None, Some(world.east), None));
    // nothing changes, nothing is written
    admin.post(&address, &with(&NEW, &[("organisation", &world.east.to_string())]));
    let details: Vec<Value> = audit_entries::table
        .filter(audit_entries::action.eq("user.changed"))
        .order(audit_entries::at)
        .select(audit_entries::detail)
        .load(conn)
        .unwrap();
    assert_eq!(details.len(), 3);
    assert_eq!(details[1]["fields"], serde_json::json!(["expires_on"]));
    let change: (Option<Value>, Option<Value>) = audit_changes::table
        .inner_join(audit_entries::table.on(audit_entries::id.eq(audit_changes::entry_id)))
        .filter(audit_changes::person_id.eq(id))
        .order(audit_entries::at.desc())
        .select((audit_changes::before, audit_changes::after))
        .first(conn)
        .unwrap();
    assert_eq!(change.0.unwrap()["job_function"], "Nurse");
    assert_eq!(change.1.unwrap()["organisation_id"], world.east.to_string());
}

#[test]
fn an_account_that_ends_is_inactive_and_signed_out_at_once() {
    let world = world();
    let conn = &mut world.app.conn();
    let id = builders::person(conn, Some(world.acme), "amara", None);
    builders::enrol(conn, id, world.experience, "2026-01-01", None);
    let (admin, amara) = (world.app.signed_in("admin"), world.app.signed_in("amara"));
    assert_eq!((used(&admin, world.acme), amara.get("/learn").status().as_u16()), ("1".into(), 200));
    admin.post(&format!("/users/{id}"), &with(&NEW, &[("expires_on", "2026-11-23")]));
    assert_eq!((used(&admin, world.acme), amara.get("/learn").status().as_u16()), ("0".into(), 303));
    let page = admin.page(&format!("/users/{id}"));
    assert_eq!(page.text(".lede"), "Account expired: since 24 Nov 2026");
}

#[test]
fn who_saves_over_somebody_elses_change_is_shown_it_first() {
    let world = world();
    let conn = &mut world.app.conn();
    let id = builders::user(conn, Some(world.acme), "amara");
    let (admin, instance) = (world.app.signed_in("admin"), world.app.signed_in("instance"));
    let address = format!("/users/{id}");
    let version = |visitor: &Visitor<'_>| {
        visitor.page(&format!("{address}/edit")).attributes("input[name=version]", "value")[0].clone()
    };
    let (mine, theirs) = (version(&admin), version(&instance));
    // a sign-in is no change of the account
    diesel::update(users::table.find(id)).set(users::last_signed_in_at.eq(diesel::dsl::now)).execute(conn).unwrap();
    assert_eq!(version(&admin), mine);
    let saved = admin.post(&address, &with(&NEW, &[("version", &mine), ("job_function", "Nurse")]));
    assert_eq!(saved.status(), 303);

    let edit = with(&NEW, &[("version", &theirs), ("first_name", "Ama")]);
    let page = Page::of(instance.post(&address, &edit));
    assert_eq!(page.status, 409);
    assert!(page.text("title").starts_with("Error: "));
    assert_eq!(page.rows(), [["First name", "Amara", "Ama"], ["Function", "Nurse", "empty"]]);
    assert!(
        page.text(".problems p").starts_with("Test admin changed this account on 24 Nov 2026"),
        "{}",
        page.text(".problems p")
    );
    assert_eq!(values(conn, id).0, "Amara");
    let fresh = page.attributes("input[name=version]", "value")[0].clone();
    let again = instance.post(&address, &with(&edit, &[("version", &fresh)]));
    assert_eq!((again.status().as_u16(), values(conn, id).0), (303, "Ama".into()));
}

#[test]
fn a_person_moves_only_from_and_to_organisations_of_the_scope() {
    let world = world();
    let conn = &mut world.app.conn();
    builders::person(conn, Some(world.east), "east.admin", Some(("org_admin", Some(world.east))));
    let inside = builders::user(conn, Some(world.east), "inside");
    let outside = builders::user(conn, Some(world.acme), "outside");
    let admin = world.app.signed_in("east.admin");
    let to = |organisation: Uuid| {
        with(&NEW, &[])
            .into_iter()
            .map(|(name, value)| (name, value.to_owned()))
            .chain([("organisation", organisation.to_string())])
            .collect::<Vec<_>>()
    };
    let post = |id: Uuid, organisation| {
        let fields = to(organisation);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        admin.post(&format!("/users/{id}"), &fields).status().as_u16()
    };
    assert_eq!(post(inside, world.acme), 422);
    assert_eq!(post(outside, world.east), 404);
    assert_eq!(post(inside, world.east), 303);
    // names above the scope are not shown
    assert_eq!(admin.page(&format!("/users/{inside}")).texts(".facts dd")[2], "East");
}

#[test]
fn only_an_instance_admin_moves_a_person_from_one_tree_to_another() {
    let world = world();
    let conn = &mut world.app.conn();
    let id = builders::user(conn, Some(world.acme), "amara");
    let admin_id = id_of(conn, "admin");
    builders::grant(conn, admin_id, "org_admin", Some(world.globex));
    let globex = world.globex.to_string();
    let edit = with(&NEW, &[("organisation", &globex)]);
    let page = Page::of(world.app.signed_in("admin").post(&format!("/users/{id}"), &edit));
    assert_eq!(page.status, 422);
    assert!(page.text(".problems").contains("Only an instance admin"), "{}", page.text(".problems"));
    assert_eq!(values(conn, id).2, Some(world.acme));
    location(&world.app.signed_in("instance").post(&format!("/users/{id}"), &edit));
    assert_eq!(values(conn, id).2, Some(world.globex));
}

#[test]
fn roles_are_granted_and_taken_within_the_scope() {
    let world = world();
    let conn = &mut world.app.conn();
    let id = builders::person(conn, Some(world.acme), "amara", None);
    let (admin, amara) = (world.app.signed_in("admin"), world.app.signed_in("amara"));
    let roles = format!("/users/{id}/roles");
    let offered = admin.page(&format!("/users/{id}")).attributes("select[name=role] option", "value");
    assert_eq!(offered, ["user_manager", "org_admin"]);
    let grant = |visitor: &Visitor<'_>, role: &str, organisation: &str| {
        visitor.post(&roles, &[("role", role), ("organisation", organisation)]).status().as_u16()
    };
    let (acme, east, globex) = (world.acme.to_string(), world.east.to_string(), world.globex.to_string());
    assert_eq!(amara.get("/users/new").status(), 403);
    assert_eq!(grant(&admin, "user_manager", &east), 303);
    assert_eq!(grant(&admin, "user_manager", &east), 303, "twice is once");
    assert_eq!(amara.get("/users/new").status(), 200);
    assert_eq!(grant(&admin, "user_manager", &globex), 422);
    assert_eq!(grant(&admin, "account_manager", &acme), 403);
    assert_eq!(grant(&admin, "instance_admin", ""), 403);
    assert_eq!(grant(&admin, "everything", &acme), 422);
    let instance = world.app.signed_in("instance");
    assert_eq!(grant(&instance, "account_manager", &east), 422, "not on a root");
    assert_eq!(grant(&instance, "account_manager", &acme), 303);

    let page = instance.page(&format!("/users/{id}"));
    let held: Vec<_> = page.texts("#roles tbody th");
    assert_eq!(held, ["account manager", "user manager"]);
    let grants = page.attributes("input[name=grant]", "value");
    let take = |visitor: &Visitor<'_>, grant: &str| visitor.post(&format!("{roles}/take"), &[("grant", grant)]);
    assert_eq!(take(&admin, &grants[0]).status(), 403, "the account is beyond an org admin now");
    assert_eq!(take(&instance, &grants[0]).status(), 303);
    assert_eq!(take(&admin, &grants[1]).status(), 303);
    assert_eq!(take(&admin, &grants[1]).status(), 303, "gone is gone");
    assert_eq!(amara.get("/learn").status(), 303, "a lost role ends the session");
    assert_eq!(actions(conn), ["role.granted", "role.granted", "role.taken", "role.taken"]);
}

#[test]
fn the_last_instance_admin_stays() {
    let world = world();
    let conn = &mut world.app.conn();
    let id = id_of(conn, "instance");
    let instance = world.app.signed_in("instance");
    let grant = instance.page(&format!("/users/{id}")).attributes("input[name=grant]", "value")[0].clone();
    let take = || Page::of(instance.post(&format!("/users/{id}/roles/take"), &[("grant", &grant)]));
    assert_eq!((take().status, take().texts(".problems a").len()), (422, 1));
    let expire = with(&NEW, &[("organisation", "none"), ("expires_on", "2027-01-01")]);
    assert_eq!(instance.post(&format!("/users/{id}"), &expire).status(), 422);
    // another one, whose account has expired, does not help
    let other = builders::person(conn, None, "other", Some(("instance_admin", None)));
    let set = |conn: &mut PgConnection, day: Option<&str>| {
        diesel::update(users::table.find(other)).set(users::expires_on.eq(day.map(date))).execute(conn).unwrap()
    };
    set(conn, Some("2026-11-23"));
    assert_eq!(take().status, 422);
    set(conn, None);
    let mine = world.app.signed_in("other");
    assert_eq!(mine.post(&format!("/users/{id}/delete"), &[]).status(), 303);
    assert_eq!(mine.post(&format!("/users/{other}/delete"), &[]).status(), 422);
}

#[test]
fn nobody_changes_an_account_that_holds_roles_which_they_could_not_grant() {
    let world = world();
    let conn = &mut world.app.conn();
    let mighty = builders::person(conn, Some(world.acme), "mighty", Some(("instance_admin", None)));
    let elsewhere = builders::person(conn, Some(world.acme), "elsewhere", Some(("org_admin", Some(world.globex))));
    let colleague = builders::person(conn, Some(world.acme), "colleague", Some(("user_manager", Some(world.east))));
    let (admin, manager) = (world.app.signed_in("admin"), world.app.signed_in("manager"));
    let tries = |visitor: &Visitor<'_>, id: Uuid| {
        let edit = visitor.get(&format!("/users/{id}/edit")).status().as_u16();
        let save = visitor.post(&format!("/users/{id}"), &[("username", "x")]).status().as_u16();
        let ask = visitor.get(&format!("/users/{id}/delete")).status().as_u16();
        (visitor.get(&format!("/users/{id}")).status().as_u16(), edit, save, ask)
    };
    assert_eq!(tries(&admin, mighty), (200, 403, 403, 403));
    assert_eq!(tries(&admin, elsewhere), (200, 403, 403, 403));
    assert_eq!(tries(&admin, colleague), (200, 200, 422, 200));
    assert_eq!(tries(&manager, colleague), (200, 403, 403, 403));
    assert_eq!(admin.post(&format!("/users/{mighty}/delete"), &[]).status(), 403);
    assert_eq!(manager.post(&format!("/users/{colleague}/delete"), &[]).status(), 403);
    let page = admin.page(&format!("/users/{mighty}"));
    assert!(page.texts(".actions a").is_empty() && page.text(".notice h2") == "You can look, but not change");
    let learner = builders::user(conn, Some(world.east), "learner");
    assert_eq!(manager.post(&format!("/users/{learner}/roles"), &[("role", "user_manager")]).status(), 403);
    assert_eq!(manager.post(&format!("/users/{learner}/delete"), &[]).status(), 303);
}

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
    assert!(page.texts(".notice p").is_empty(), "nothing is lost");
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
    let told = admin.page(&to).text(".notice p");
    assert_eq!(
        told,
        "1 enrolment did not come back, because the learning experience is gone. \
         1 role did not come back, because the organisation is gone."
    );
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
