//! Moving people, and roles.

use super::*;

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
fn nobody_locks_themselves_out() {
    let world = world();
    let conn = &mut world.app.conn();
    let id = id_of(conn, "admin");
    let admin = world.app.signed_in("admin");
    let page = admin.page(&format!("/users/{id}"));
    let grant = page.attributes("input[name=grant]", "value")[0].clone();
    let kept = Page::of(admin.post(&format!("/users/{id}/roles/take"), &[("grant", &grant)]));
    assert_eq!(kept.status, 422);
    assert!(kept.text(".problems").contains("another administrator has to take it"), "{}", kept.text(".problems"));
    let (acme, own) = (world.acme.to_string(), [("username", "admin"), ("email", "admin@acme.example")]);
    for day in ["2026-11-23", "2030-01-01"] {
        let fields = with(&with(&NEW, &own), &[("organisation", &acme), ("expires_on", day)]);
        let refused = Page::of(admin.post(&format!("/users/{id}"), &fields));
        assert_eq!((refused.status, refused.texts("#expires_on-problem").len()), (422, 1), "{day}");
    }
    assert_eq!(values(conn, id).3, None);
    // a role that one can grant oneself again is no loss
    let (acme, roles) = (world.acme.to_string(), format!("/users/{id}/roles"));
    assert_eq!(admin.post(&roles, &[("role", "user_manager"), ("organisation", &acme)]).status(), 303);
    let held: Vec<(Uuid, String)> = role_grants::table
        .filter(role_grants::user_id.eq(id))
        .select((role_grants::id, role_grants::role))
        .load(conn)
        .unwrap();
    for (grant, role) in held {
        let status = if role == "user_manager" { 303 } else { 422 };
        let admin = world.app.signed_in("admin");
        assert_eq!(admin.post(&format!("{roles}/take"), &[("grant", &grant.to_string())]).status(), status, "{role}");
    }
    // an instance admin stays one without a role of another kind
    let instance_id = id_of(conn, "instance");
    builders::grant(conn, instance_id, "org_admin", Some(world.acme));
    let lesser: Uuid = role_grants::table
        .filter(role_grants::user_id.eq(instance_id))
        .filter(role_grants::role.eq("org_admin"))
        .select(role_grants::id)
        .first(conn)
        .unwrap();
    let instance = world.app.signed_in("instance");
    let lesser = lesser.to_string();
    let taken = instance.post(&format!("/users/{instance_id}/roles/take"), &[("grant", &lesser)]);
    assert_eq!(taken.status(), 303);
}

#[test]
fn granting_what_is_held_says_that_nothing_has_changed() {
    let world = world();
    let conn = &mut world.app.conn();
    let id = builders::person(conn, Some(world.acme), "amara", Some(("user_manager", Some(world.acme))));
    let admin = world.app.signed_in("admin");
    let acme = world.acme.to_string();
    let again = admin.post(&format!("/users/{id}/roles"), &[("role", "user_manager"), ("organisation", &acme)]);
    let page = admin.page(&location(&again));
    assert_eq!(page.text(".notice h2"), "Nothing has changed: the role was held already");
}

#[test]
fn a_name_cannot_turn_the_text_around_it() {
    let world = world();
    let acme = world.acme.to_string();
    let admin = world.app.signed_in("admin");
    let conn = &mut world.app.conn();
    for (username, name, stored) in
        [("a", "\u{202e}Amara\u{202c}", "Amara"), ("b", "\u{645}\u{62d}\u{645}\u{62f}", "\u{645}\u{62d}\u{645}\u{62f}")]
    {
        let email = format!("{username}@acme.example");
        let more = [("username", username), ("email", &email), ("first_name", name), ("organisation", &acme)];
        assert_eq!(admin.post("/users", &with(&NEW, &more)).status(), 303, "{name:?}");
        let id = id_of(conn, username);
        assert_eq!(values(conn, id).0, stored);
    }
}

#[test]
fn the_path_of_an_organisation_means_the_one_that_is_written_just_so() {
    let world = world();
    let conn = &mut world.app.conn();
    for number in 0..250 {
        builders::child(conn, world.east, &format!("Shop {number}"), None);
    }
    let loud = builders::child(conn, world.acme, "EAST", None);
    let admin = world.app.signed_in("admin");
    let added = |username: &str, organisation: &str| {
        let email = format!("{username}@acme.example");
        let fields = with(&NEW, &[("username", username), ("email", &email), ("organisation", organisation)]);
        (admin.post("/users", &fields).status().as_u16(), username.to_owned())
    };
    for (username, path, home) in
        [("a", "Acme > East", world.east), ("b", "Acme > EAST", loud), ("c", "East", world.east)]
    {
        let (status, username) = added(username, path);
        assert_eq!(status, 303, "{path}");
        let id = id_of(conn, &username);
        assert_eq!(values(conn, id).2, Some(home), "{path}");
    }
    assert_eq!(added("d", "acme > east").0, 422, "both may be meant");
}
