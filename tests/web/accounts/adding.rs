//! Adding, editing and seeing one account.

use super::*;

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
    let again = with(&NEW, &[("username", "MANAGER"), ("password", PASSWORD)]);
    let again = Page::of(admin.post("/users", &again));
    assert_eq!(again.attributes(".problems a", "href"), ["#username", "#password"], "it is not lost without a word");
    assert_eq!(again.text("#password-problem"), "Enter the password again: a page never shows one.");
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
fn nor_is_it_a_part_of_a_name_that_is_searched_for() {
    let world = world();
    let conn = &mut world.app.conn();
    builders::units(conn, world.east, 201);
    let admin = world.app.signed_in("admin");
    let page = Page::of(admin.post("/users", &with(&NEW, &[("organisation", "a\0b")])));
    assert_eq!((page.status, page.attributes(".problems a", "href")), (422, vec!["#organisation".to_owned()]));
    let manager = id_of(conn, "manager");
    let role = [("role", "user_manager"), ("organisation", "a\0b")];
    assert_eq!(admin.post(&format!("/users/{manager}/roles"), &role).status(), 422);
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
    assert_eq!(page.rows(), [["First name", "Amara", "Ama"]]);
    // on which day: the audit log goes by the real time
    let told = page.text(".problems p");
    assert!(told.starts_with("Test admin changed this account on "), "{told}");
    assert_eq!(values(conn, id).0, "Amara");
    let fresh = page.attributes("input[name=version]", "value")[0].clone();
    let again = instance.post(&address, &with(&edit, &[("version", &fresh)]));
    assert_eq!((again.status().as_u16(), values(conn, id).0), (303, "Ama".into()));
}

#[test]
fn what_only_the_other_one_changed_is_not_turned_back() {
    let world = world();
    let conn = &mut world.app.conn();
    let id = builders::user(conn, Some(world.acme), "amara");
    let (admin, instance) = (world.app.signed_in("admin"), world.app.signed_in("instance"));
    let address = format!("/users/{id}");
    let opened = |visitor: &Visitor<'_>| -> Vec<(String, String)> {
        let page = visitor.page(&format!("{address}/edit"));
        let names = page.attributes("main form input[name]", "name");
        names
            .into_iter()
            .map(|name| {
                let value = page.attributes(&format!("input[name={name}]"), "value").pop().unwrap_or_default();
                (name, value)
            })
            .collect()
    };
    let send = |visitor: &Visitor<'_>, form: &[(String, String)], changed: &[(&str, &str)]| {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        visitor.post(&address, &with(&form, changed))
    };
    let (first, second) = (opened(&admin), opened(&instance));
    assert_eq!(send(&admin, &first, &[("first_name", "Ama"), ("job_function", "Nurse")]).status(), 303);
    let theirs = [("last_name", "Mensah"), ("job_function", "Doctor"), ("expires_on", "2027-01-31")];
    let page = Page::of(send(&instance, &second, &theirs));
    assert_eq!(page.status, 409);
    let differing = [
        ["Last name", "amara", "Mensah"],
        ["Account expires after", "empty", "31 Jan 2027"],
        ["Function", "Nurse", "Doctor"],
    ];
    assert_eq!(page.rows(), differing);
    assert_eq!(page.attributes("#first_name", "value"), ["Ama"]);
    let told = page.texts(".problems p");
    assert_eq!(told[1], "Taken over from that version: First name.");
    let again: Vec<(String, String)> = ["username", "email", "first_name", "last_name", "job_function", "version"]
        .into_iter()
        .map(|name| (name.to_owned(), page.attributes(&format!("input[name={name}]"), "value")[0].clone()))
        .collect();
    assert_eq!(send(&instance, &again, &[]).status(), 303);
    let saved: (String, String, Option<String>) =
        users::table.find(id).select((users::first_name, users::last_name, users::job_function)).first(conn).unwrap();
    assert_eq!(saved, ("Ama".to_owned(), "Mensah".to_owned(), Some("Doctor".to_owned())));
}

#[test]
fn what_was_typed_about_somebody_who_is_deleted_meanwhile_can_be_sent_once_they_are_restored() {
    let world = world();
    let conn = &mut world.app.conn();
    let id = builders::user(conn, Some(world.acme), "amara");
    let (admin, instance) = (world.app.signed_in("admin"), world.app.signed_in("instance"));
    let address = format!("/users/{id}");
    let version = admin.page(&format!("{address}/edit")).attributes("input[name=version]", "value").remove(0);
    assert_eq!(instance.post(&format!("{address}/delete"), &[]).status(), 303);
    let edit = with(&NEW, &[("version", &version), ("job_function", "Nurse"), ("password", "long enough 1")]);
    let page = Page::of(admin.post(&address, &edit));
    assert_eq!((page.status, page.text("h1")), (409, "This user was deleted".to_owned()));
    assert_eq!(page.attributes("main a", "href"), ["/users/deleted"]);
    let names = page.attributes("main form input", "name");
    let again: Vec<(String, String)> = names.into_iter().zip(page.attributes("main form input", "value")).collect();
    assert!(again.iter().all(|(_, value)| value != "long enough 1"), "a password stands in no page");
    assert_eq!(instance.post(&format!("{address}/restore"), &[]).status(), 303);
    let again: Vec<(&str, &str)> = again.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(admin.post(&address, &again).status(), 303);
    let function: Option<String> = users::table.find(id).select(users::job_function).first(conn).unwrap();
    assert_eq!(function.as_deref(), Some("Nurse"));
}

#[test]
fn what_an_edit_does_to_the_licenses_is_told() {
    let world = world();
    let conn = &mut world.app.conn();
    diesel::update(organisations::table.find(world.east)).set(organisations::user_limit.eq(1)).execute(conn).unwrap();
    for name in ["amara", "ben"] {
        let id = builders::user(conn, Some(world.east), name);
        builders::enrol(conn, id, world.experience, "2026-01-01", None);
    }
    let ben = id_of(conn, "ben");
    diesel::update(users::table.find(ben)).set(users::expires_on.eq(date("2026-11-20"))).execute(conn).unwrap();
    let admin = world.app.signed_in("admin");
    let east = world.east.to_string();
    let save = |expires_on: &str| {
        let form = with(
            &NEW,
            &[("username", "ben"), ("email", "ben@acme.example"), ("organisation", &east), ("expires_on", expires_on)],
        );
        admin.page(&location(&admin.post(&format!("/users/{ben}"), &form)))
    };
    let page = save("");
    assert_eq!(page.text(".notice h2"), "The changes are saved");
    assert_eq!(
        page.texts(".notice p"),
        ["1 person became active, which took 1 license: East 1.", "East is over its limit by 1: 2 of 1."]
    );
    let page = save("2026-11-20");
    assert_eq!(page.texts(".notice p"), ["1 person became inactive, which freed 1 license: East 1."]);
    let page = save("2026-11-21");
    assert!(page.texts(".notice p").is_empty(), "nobody holds another license by it");
    let [amara, acme] = [id_of(conn, "amara").to_string(), world.acme.to_string()];
    let fields = [("username", "amara"), ("email", "amara@acme.example"), ("organisation", &*acme)];
    let page = admin.page(&location(&admin.post(&format!("/users/{amara}"), &with(&NEW, &fields))));
    let moved = ["Licenses became free in: East 1.", "Licenses were taken in: Acme 1."];
    assert_eq!(page.texts(".notice p"), moved, "whoever moves stays active");
}

#[test]
fn an_address_that_no_mail_can_be_sent_to_is_a_problem_unless_the_account_has_it_already() {
    let world = world();
    let conn = &mut world.app.conn();
    let admin = world.app.signed_in("admin");
    let refused = Page::of(admin.post("/users", &with(&NEW, &[("email", "a..b@acme.example")])));
    assert_eq!((refused.status, refused.attributes(".problems a", "href")), (422, vec!["#email".to_owned()]));
    let ben = builders::user(conn, Some(world.acme), "ben");
    diesel::update(users::table.find(ben)).set(users::email.eq("old..ben@acme.example")).execute(conn).unwrap();
    let fields = |email| [("username", "ben"), ("email", email), ("first_name", "Benjamin"), ("last_name", "B")];
    assert_eq!(admin.post(&format!("/users/{ben}"), &fields("other..ben@acme.example")).status(), 422);
    location(&admin.post(&format!("/users/{ben}"), &fields("old..ben@acme.example")));
    assert_eq!(values(conn, ben).0, "Benjamin");
}
