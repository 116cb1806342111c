//! Who sees an import, and who confirms it.

use super::*;

const FILE: &[u8] = b"username,email,first_name,last_name\r\nnew,new@people.example,Nia,New\r\n\
                      bad,nonsense,Secret,Row\r\n";

/// An upload for an organisation, read and planned.
fn uploaded(place: &Place, by: &Visitor<'_>, organisation: Uuid) -> Uuid {
    let organisation = organisation.to_string();
    let parts: [Part<'_>; 2] = [("file", Some("people.csv"), FILE), ("organisation", None, organisation.as_bytes())];
    let address = location(&upload(by, &parts));
    assert_eq!(place.app.run_jobs(), 1);
    address.strip_prefix("/imports/").unwrap().parse().unwrap()
}

/// The statuses of everything that can be asked of an import, and how many are in the list.
fn asked(visitor: &Visitor<'_>, id: Uuid) -> ([u16; 5], usize) {
    let gets = ["", "/refused.csv"].map(|more| visitor.get(&format!("/imports/{id}{more}")).status().as_u16());
    let posts = ["confirm", "cancel", "restore"].map(|action| post(visitor, id, action, &[]).status().as_u16());
    ([gets[0], gets[1], posts[0], posts[1], posts[2]], visitor.page("/imports").rows().len())
}

#[test]
fn whoever_sees_less_than_the_uploader_does_not_find_the_import() {
    let place = place();
    let conn = &mut place.conn();
    builders::person(conn, Some(place.east), "eastern", Some(("org_admin", Some(place.east))));
    builders::person(conn, Some(place.globex), "globe", Some(("org_admin", Some(place.globex))));
    let admin = place.app.signed_in("admin");
    // for East, of which its own org admin sees everything, but not what the file may have of elsewhere
    let id = uploaded(&place, &admin, place.east);
    for name in ["eastern", "globe"] {
        assert_eq!(asked(&place.app.signed_in(name), id), ([404; 5], 0), "{name}");
    }
    assert_eq!(place.state(id), "planned");

    // the org admin of Acme sees less than one of Acme and Globex
    builders::person(conn, Some(place.acme), "both", Some(("org_admin", Some(place.acme))));
    let both = users::table.filter(users::username.eq("both")).select(users::id).first(conn).unwrap();
    builders::grant(conn, both, "org_admin", Some(place.globex));
    let id = uploaded(&place, &place.app.signed_in("both"), place.acme);
    assert_eq!(asked(&admin, id), ([404; 5], 1), "their own one only");
    assert_eq!(place.state(id), "planned");
}

#[test]
fn whoever_sees_as_much_sees_the_import_and_only_its_uploader_confirms_it() {
    let place = place();
    let conn = &mut place.conn();
    builders::person(conn, Some(place.acme), "second", Some(("org_admin", Some(place.acme))));
    let admin = place.app.signed_in("admin");
    let id = uploaded(&place, &admin, place.east);
    assert_eq!(page(&admin, id).texts("#confirm button"), ["Add 1 user", "Cancel"]);
    for name in ["second", "instance"] {
        let other = place.app.signed_in(name);
        let preview = page(&other, id);
        assert_eq!(preview.status, 200, "{name}");
        assert_eq!(preview.texts("#confirm"), Vec::<String>::new(), "no form to confirm it");
        let told = preview.text("section.notice");
        assert!(told.starts_with("It waits for somebody else"), "{told}");
        assert!(told.contains("Test admin uploaded the file, and nobody else can confirm it."), "{told}");
        assert!(other.get(&format!("/imports/{id}/refused.csv")).text().unwrap().contains("Secret"));
        assert_eq!(other.page("/imports").rows().len(), 1);
        let seen = fingerprint(&place, id);
        assert_eq!(post(&other, id, "confirm", &[("seen", &seen)]).status(), 403, "{name}");
        assert!(!place.is_there("new"));
    }
    location(&confirm(&admin, id, &[]));
    assert!(place.is_there("new"));
    let second = uploaded(&place, &admin, place.east);
    location(&post(&place.app.signed_in("second"), second, "cancel", &[]));
    assert_eq!(place.state(second), "cancelled", "anybody who sees it calls it off");
}

fn fingerprint(place: &Place, id: Uuid) -> String {
    let found: Option<String> = imports::table.find(id).select(imports::fingerprint).first(&mut place.conn()).unwrap();
    found.unwrap()
}

#[test]
fn whoever_lost_the_role_does_not_see_their_own_import_any_more() {
    let place = place();
    let admin = place.app.signed_in("admin");
    let id = uploaded(&place, &admin, place.acme);
    let conn = &mut place.conn();
    diesel::sql_query("update role_grants set organisation_id = $1 where user_id = $2")
        .bind::<SqlUuid, _>(place.globex)
        .bind::<SqlUuid, _>(place.admin)
        .execute(conn)
        .unwrap();
    let admin = place.app.signed_in("admin");
    assert_eq!(asked(&admin, id), ([404; 5], 0), "where they hold no role any more, nothing is told to exist");
}

#[test]
fn who_has_left_the_scope_since_the_plan_is_told_as_the_plan_and_the_file_have_them() {
    let place = place();
    let conn = &mut place.conn();
    let west = builders::child(conn, place.acme, "West", None);
    builders::person(conn, Some(place.east), "eastern", Some(("org_admin", Some(place.east))));
    let [ada, bob] = ["ada", "bob"].map(|name| builders::user(conn, Some(place.east), name));
    for name in ["cy", "dee"] {
        builders::user(conn, Some(place.east), name);
    }
    let eastern = place.app.signed_in("eastern");
    let row = |name: &str, last: &str| format!("{name},{name}@people.example,Test,{last}\r\n");
    let rows = [row("ada", "ada"), row("bob", "Bobson"), row("cy", "cy"), row("dee", "Deeson")].concat();
    let file = format!("username,email,first_name,last_name\r\n{rows}");
    let address = location(&upload(&eastern, &[("file", Some("people.csv"), file.as_bytes())]));
    assert_eq!(place.app.run_jobs(), 1);
    diesel::update(users::table.filter(users::id.eq_any([ada, bob])))
        .set((users::organisation_id.eq(west), users::first_name.eq("Secret")))
        .execute(conn)
        .unwrap();

    let shown = |show: &str| eastern.page(&format!("{address}?show={show}"));
    let unchanged = shown("unchanged");
    let expected = [["Test ada ada", "", "2"], ["Test cy cy", "East", "4"]];
    assert_eq!(unchanged.rows(), expected);
    let changed = shown("changed");
    assert_eq!(changed.rows()[0][0], "Test bob bob, line 3");
    for (page, there) in [(unchanged, "cy"), (changed, "dee")] {
        let id: Uuid = users::table.filter(users::username.eq(there)).select(users::id).first(conn).unwrap();
        assert_eq!(page.attributes("main tbody a", "href"), [format!("/users/{id}")], "of the other there is no page");
    }
    assert!(eastern.page(&format!("{address}?show=unchanged&q=secret")).rows().is_empty());
    // whoever sees all of them is told how they are now
    let instance = place.app.signed_in("instance").page(&format!("{address}?show=unchanged"));
    assert_eq!(instance.rows()[0], ["Secret ada ada", "Acme > West", "2"]);
}
