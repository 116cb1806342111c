//! The list of users: search, filters, sorting, pages, selection.

use std::collections::BTreeSet;

use diesel::prelude::*;
use headroom::schema::users;
use uuid::Uuid;

use crate::support::app::{Page, TestApp, Visitor};
use crate::support::builders;
use crate::support::reading::{location, seen_and_sent};

struct Place {
    app: TestApp,
    root: Uuid,
    east: Uuid,
    experience: Uuid,
}

/// An org admin of "Acme" with a child "East", and somebody else's organisation.
fn place() -> Place {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", Some(100));
    let east = builders::child(conn, root, "East", None);
    let foreign = builders::root(conn, "Globex", None);
    let experience = builders::experience(conn, root, "LX");
    builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    builders::user(conn, Some(foreign), "stranger");
    Place { app, root, east, experience }
}

fn named(conn: &mut PgConnection, home: Uuid, username: &str, first: &str, last: &str) -> Uuid {
    let id = builders::user(conn, Some(home), username);
    diesel::update(users::table.find(id))
        .set((users::first_name.eq(first), users::last_name.eq(last)))
        .execute(conn)
        .expect("a name");
    id
}

/// The names and usernames on a page, from the rows' headings.
fn usernames(page: &Page) -> Vec<String> {
    page.texts("tbody th small").into_iter().map(|text| text.split(',').next().unwrap_or_default().to_owned()).collect()
}

fn found(visitor: &Visitor<'_>, query: &str) -> Vec<String> {
    let page = visitor.page(&format!("/users?{query}"));
    assert_eq!(page.status, 200, "{query}");
    usernames(&page)
}

#[test]
fn the_search_finds_every_word_in_name_username_and_email_and_the_unique_id() {
    let place = place();
    let conn = &mut place.app.conn();
    let id = named(conn, place.root, "amara.o", "Amara", "Okafor-Reid");
    named(conn, place.east, "li", "Li", "Wei");
    named(conn, place.east, "percent", "100%", "Under_score");
    let admin = place.app.signed_in("admin");
    for query in ["q=okafor", "q=AMARA+reid", "q=amara.o%40people", &format!("q={id}"), "q=am"] {
        assert_eq!(found(&admin, query), ["amara.o"], "{query}");
    }
    assert_eq!(found(&admin, "q=we"), ["li"], "a short word finds the beginning of words");
    assert_eq!(found(&admin, "q=ei"), Vec::<String>::new(), "but not the middle");
    assert_eq!(found(&admin, "q=0%25"), Vec::<String>::new());
    assert_eq!(found(&admin, "q=100%25"), ["percent"], "a wildcard stands for itself");
    assert_eq!(found(&admin, "q=under_sc"), ["percent"]);
    assert_eq!(found(&admin, "q=stranger"), Vec::<String>::new());
    let page = admin.page("/users?q=nobody+like+that");
    assert_eq!(page.text(".empty h2"), "Nobody matches");
    assert_eq!(page.attributes(".empty a", "href"), ["/users"]);
}

#[test]
fn an_organisation_out_of_scope_has_nobody() {
    let place = place();
    let conn = &mut place.app.conn();
    named(conn, place.root, "above", "Amara", "Okafor");
    named(conn, place.east, "inside", "Amara", "Okafor");
    builders::person(conn, Some(place.east), "manager", Some(("user_manager", Some(place.east))));
    let manager = place.app.signed_in("manager");
    let (root, east) = (place.root, place.east);
    assert_eq!(found(&manager, &format!("organisation={east}&q=amara")), ["inside"]);
    assert!(found(&manager, &format!("organisation={root}&q=amara")).is_empty(), "it is above the scope");
    assert!(found(&manager, &format!("organisation={}&q=amara", Uuid::now_v7())).is_empty(), "there is none");
}

#[test]
fn each_row_says_whether_and_why_somebody_is_active() {
    let place = place();
    let conn = &mut place.app.conn();
    let other = builders::experience(conn, place.root, "LX-2");
    let active = builders::user(conn, Some(place.root), "a-active");
    builders::enrol(conn, active, place.experience, "2026-01-01", Some("2026-12-31"));
    builders::enrol(conn, active, other, "2026-01-01", Some("2027-01-03"));
    let ended = builders::user(conn, Some(place.east), "b-ended");
    builders::enrol(conn, ended, place.experience, "2026-01-01", Some("2026-11-23"));
    let gone = builders::user(conn, Some(place.east), "c-gone");
    builders::enrol(conn, gone, place.experience, "2026-01-01", None);
    diesel::update(users::table.find(gone))
        .set(users::expires_on.eq(builders::date("2026-11-01")))
        .execute(conn)
        .expect("an expired account");
    let admin = place.app.signed_in("admin");
    let page = admin.page("/users?sort=username");
    assert_eq!(page.text(".lede"), "4 people, 1 of them active");
    let rows: Vec<[String; 2]> = page.rows().into_iter().map(|row| [row[2].clone(), row[3].clone()]).collect();
    assert_eq!(
        rows,
        [
            ["Acme", "Active 2 live, until 3 Jan 2027"],
            ["Acme", "Inactive no enrolments"],
            ["East", "Inactive 1 expired"],
            ["East", "Account expired since 2 Nov 2026"],
        ]
    );
    assert_eq!(found(&admin, "status=active"), ["a-active"]);
    assert_eq!(found(&admin, "status=inactive&sort=username"), ["admin", "b-ended"]);
    assert_eq!(found(&admin, "status=expired"), ["c-gone"]);
    assert_eq!(found(&admin, &format!("organisation={}&sort=username", place.east)), ["b-ended", "c-gone"]);
    assert_eq!(found(&admin, "role=org_admin"), ["admin"]);
    assert_eq!(found(&admin, &format!("experience={other}")), ["a-active"]);
    assert_eq!(found(&admin, "signed_in=never&sort=username"), ["a-active", "b-ended", "c-gone"]);
    assert_eq!(found(&admin, "status=nonsense&sort=nonsense").len(), 4, "what cannot be read is as if not given");
}

#[test]
fn in_another_time_zone_the_day_is_the_one_of_the_persons_own_organisation() {
    let place = place();
    let conn = &mut place.app.conn();
    let far = builders::root(conn, "Kiribati", None);
    diesel::sql_query("update organisations set time_zone = 'Pacific/Kiritimati' where name = 'Kiribati'")
        .execute(conn)
        .expect("a time zone");
    let experience = builders::experience(conn, far, "FAR");
    for (home, name, experience) in [(place.root, "here", place.experience), (far, "there", experience)] {
        let user = builders::user(conn, Some(home), name);
        builders::enrol(conn, user, experience, "2026-01-01", Some("2026-11-24"));
    }
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    place.app.set_time("2026-11-24T11:00:00Z"); // 25 November on Kiritimati
    let instance = place.app.signed_in("instance");
    assert_eq!(found(&instance, "status=active"), ["here"]);
    assert_eq!(found(&instance, "status=inactive&q=there"), ["there"]);
    assert!(instance.page("/users").text(".lede").ends_with("1 of them active"));
}

/// Where the button with these words leads.
fn turn(page: &Page, words: &str) -> Option<String> {
    let buttons = page.texts(".pager button");
    let at = buttons.iter().position(|text| text == words)?;
    Some(page.attributes(".pager button", "value")[at].clone())
}

#[test]
fn turning_pages_shows_everybody_once_in_order_forwards_and_backwards() {
    let place = place();
    let conn = &mut place.app.conn();
    diesel::sql_query(
        "insert into users (organisation_id, username, email, first_name, last_name, last_signed_in_at)
         select case when n % 3 = 0 then $1 else $2 end, 'u' || n, 'm' || (997 * n % 61) || '@people.example',
           'First ' || n % 4, 'Last', case when n % 5 > 0 then '2026-01-01'::timestamptz + (n % 7) * interval '1 day' end
         from generate_series(1, 61) n",
    )
    .bind::<diesel::sql_types::Uuid, _>(place.root)
    .bind::<diesel::sql_types::Uuid, _>(place.east)
    .execute(conn)
    .expect("users");
    builders::person(conn, None, "instance", Some(("instance_admin", None)));
    // so many without an organisation that pages begin and end among them
    diesel::sql_query(
        "insert into users (username, email, first_name, last_name)
         select 'v' || n, 'v' || n || '@vendor.example', 'Agent', n::text from generate_series(1, 30) n",
    )
    .execute(conn)
    .expect("the vendor's people");
    let (admin, instance) = (place.app.signed_in("admin"), place.app.signed_in("instance"));
    for (visitor, count) in [(&admin, 62), (&instance, 94)] {
        for sort in ["name", "username", "email", "organisation", "last_sign_in"] {
            for order in ["asc", "desc"] {
                walk(visitor, &format!("sort={sort}&order={order}"), count);
            }
        }
    }
    let up = found(&admin, "sort=email&q=people&order=asc");
    let mut down = found(&admin, "sort=email&q=people&order=desc&page=4");
    down.reverse();
    assert_eq!(up[..down.len()], down[..], "the other way round is the other way round");
}

fn walk(visitor: &Visitor<'_>, query: &str, count: usize) {
    let page_of = |page: &str| visitor.page(&format!("/users?{query}&page={page}"));
    let (mut forwards, mut pages, mut page) = (Vec::new(), Vec::new(), page_of("1"));
    loop {
        forwards.extend(usernames(&page));
        pages.push(usernames(&page));
        let Some(next) = turn(&page, "Next") else { break };
        page = page_of(&next);
    }
    let by_number: Vec<String> =
        (1..=pages.len()).flat_map(|number| usernames(&page_of(&number.to_string()))).collect();
    assert_eq!(forwards, by_number, "{query}");
    assert_eq!(forwards.iter().collect::<BTreeSet<_>>().len(), count, "{query}");
    let last = turn(&page_of("1"), "Last").expect("a last page");
    page = page_of(&last);
    for expected in pages.iter().rev() {
        assert_eq!(&usernames(&page), expected, "{query} backwards");
        if let Some(previous) = turn(&page, "Previous") {
            page = page_of(&previous);
        }
    }
    assert_eq!(turn(&page, "Previous"), None);
}

#[test]
fn an_address_that_asks_for_too_much_gets_a_page_or_nothing() {
    let place = place();
    builders::active_users(&mut place.app.conn(), place.root, place.experience, 30);
    let admin = place.app.signed_in("admin");
    assert_eq!(found(&admin, "page=1.end.4000000000").len(), 20);
    for list in ["/users?", "/users?sort=organisation&", "/users?sort=organisation&order=desc&", "/free-up?reason=all&"]
    {
        assert_eq!(admin.get(&format!("{list}page=4000000000")).status(), 404, "{list}");
    }
}

#[test]
fn ticked_rows_stay_ticked_on_other_pages_and_all_that_match_can_be_selected() {
    let place = place();
    let conn = &mut place.app.conn();
    builders::active_users(conn, place.root, place.experience, 30);
    let admin = place.app.signed_in("admin");
    let first = admin.page("/users?sort=username");
    let ids = first.attributes("tbody input[name=ids]", "value");
    assert_eq!(first.text(".picked strong"), "0 of 31 selected");
    let next = turn(&first, "Next").expect("a second page");
    let second = admin.page(&format!("/users?sort=username&ids={}&ids={}&page={next}", ids[0], ids[3]));
    assert_eq!(second.text(".picked strong"), "2 of 31 selected");
    assert_eq!(second.attributes("input[type=hidden][name=ids]", "value").len(), 2);
    let back = admin.page(&format!("/users?sort=username&ids={}&ids={}", ids[0], ids[3]));
    assert_eq!(back.attributes("tbody input[name=ids][checked]", "value"), [ids[0].clone(), ids[3].clone()]);
    let all = admin.page(&back.attributes(".picked a", "href")[0]);
    assert_eq!(all.text(".picked strong"), "All 31 that match are selected");
    let only = admin.page("/users?q=admin");
    assert_eq!(only.texts(".picked a"), ["Select the 1 that matches"]);
    assert_eq!(admin.page("/users?q=admin&all=1").text(".picked strong"), "The 1 that matches is selected");
    let actions = all.attributes(".bulk a[role=button]", "href");
    assert!(actions.contains(&"/users/expire?sort=username&all=1".to_owned()), "{actions:?}");
    assert_eq!(admin.get("/users?ids=1").status(), 404);
}

#[test]
fn the_kept_number_of_people_follows_every_change() {
    let place = place();
    let conn = &mut place.app.conn();
    let admin = place.app.signed_in("admin");
    builders::active_users(conn, place.east, place.experience, 7);
    let lede = || admin.page("/users").text(".lede");
    assert_eq!(lede(), "8 people, 7 of them active");
    diesel::update(users::table.filter(users::first_name.eq("Active")))
        .set(users::organisation_id.eq(place.root))
        .execute(conn)
        .expect("a move");
    assert_eq!(admin.page(&format!("/users?organisation={}", place.east)).text(".lede"), "0 people, 0 of them active");
    diesel::sql_query("delete from users where first_name = 'Active' and username like '%-3'").execute(conn).expect("");
    assert_eq!(lede(), "7 people, 6 of them active");
}

#[test]
fn freeing_licenses_leads_back_to_who_could_give_one_back() {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let acme = builders::root(conn, "Acme", Some(10));
    builders::person(conn, Some(acme), "manager", Some(("user_manager", Some(acme))));
    let fire = builders::experience(conn, acme, "FIRE");
    for name in ["ada", "ben"] {
        let id = builders::user(conn, Some(acme), name);
        builders::enrol(conn, id, fire, "2026-01-01", None);
    }
    let manager = app.signed_in("manager");
    let list = manager.page("/free-up?idle=never_opened&status=active&q=ada");
    assert_eq!(list.attributes("form input[name=from]", "value"), ["free-up"]);
    let all = list.attributes(".picked a", "href").remove(0);
    let ticked = list.attributes("tbody input[name=ids]", "value").remove(0);
    let expire = manager.page(&all).attributes(".bulk .buttons a", "href").remove(0);
    let page = manager.page(&expire);
    assert_eq!(page.texts(".crumbs a"), ["Free up licenses"]);
    assert!(page.attributes(".crumbs a", "href")[0].starts_with("/free-up?q=ada&status=active&idle=never_opened&"));

    let fields = [("ids", ticked.as_str()), ("idle", "never_opened"), ("status", "active"), ("from", "free-up")];
    let sent = seen_and_sent(&manager, "/users/expire", &[&fields[..], &[("expires_on", "2026-11-23")]].concat());
    let to = location(&sent);
    assert!(to.starts_with("/free-up?status=active&idle=never_opened&"), "{to}");
    let after = manager.page(&to);
    assert_eq!(after.texts(".notice p")[0], "1 person became inactive, which freed 1 license: Acme 1.");
    assert_eq!(after.texts("tbody th a"), ["Test ben"]);
    assert_eq!(after.texts(".offers .count")[1], "1");
    // for any number of days
    let seen = manager.page("/free-up?status=active&signed_in=45");
    assert_eq!(
        (seen.text("h2"), seen.attributes("#signed_in", "value")),
        ("Not seen for 45 days".into(), vec!["45".into()])
    );
    let wrong = manager.page("/free-up?status=active&signed_in=9999");
    assert_eq!((wrong.text("h2"), wrong.texts(".problems a").len()), ("There is a problem".into(), 1));
    assert_eq!(manager.page("/users?q=ada,+Test").rows().len(), 1, "as people write names");
    let users = manager.page("/users?signed_in=45");
    assert_eq!(users.texts("#signed_in option[selected]"), ["Not for 45 days"]);
}
