//! Somebody else was faster: what was changed or deleted meanwhile.

use super::*;
use crate::support::app::Visitor;

/// The fingerprint that a page shows, as of long ago: the audit log goes by the real time, the test's clock stands still.
fn seen(page: &Page) -> String {
    format!("{}@0", hidden(page, "seen").split('@').next().unwrap())
}

fn two_managers(place: &Place) -> [Visitor<'_>; 2] {
    builders::person(&mut place.conn(), Some(place.root), "second", Some(("user_manager", Some(place.root))));
    ["manager", "second"].map(|name| place.app.signed_in(name))
}

#[test]
fn what_was_changed_is_told_also_where_it_does_not_match_any_more() {
    let place = place();
    let conn = &mut place.conn();
    let ada = place.enrolled("ada", place.east, None);
    let person = user_of(conn, ada);
    let [manager, second] = two_managers(&place);
    for (address, list) in [
        (place.address("expiry"), vec![("state", "live"), ("all", "1")]),
        ("/users/expire".to_owned(), vec![("all", "1")]),
        ("/users/expire".to_owned(), vec![("ids", &*person.to_string())]),
    ] {
        diesel::update(enrolments::table)
            .set(enrolments::expires_on.eq(None::<chrono::NaiveDate>))
            .execute(conn)
            .unwrap();
        let fields = [&list[..], &[("expires_on", "2026-11-23")]].concat();
        let query = reqwest::Url::parse_with_params("http://page", &fields).unwrap();
        let shown = second.page(&format!("{address}?{}", query.query().unwrap()));
        location(&manager.post(&place.address("expiry"), &[("all", "1"), ("expires_on", "2026-11-20")]));
        let seen = seen(&shown);
        let page = Page::of(second.post(&address, &[&fields[..], &[("seen", &seen)]].concat()));
        assert_eq!(page.status, 409, "{address} {list:?}");
        let told = page.texts(".notice p");
        assert!(
            told[0].ends_with("Test manager changed Test ada: expiry date 20 Nov 2026, before: none."),
            "{address} {list:?} {told:?}"
        );
        assert_eq!(expiry(conn, ada), Some("2026-11-20".into()));
    }
}

#[test]
fn what_was_ticked_and_is_deleted_meanwhile_is_told_and_left_out() {
    let place = place();
    let conn = &mut place.conn();
    let (ada, ben) = (place.enrolled("ada", place.east, None), place.enrolled("ben", place.east, None));
    let [manager, second] = two_managers(&place);
    let (one, two) = (ada.to_string(), ben.to_string());
    let ticked = [("ids", one.as_str()), ("ids", two.as_str())];
    let address = place.address("expiry");
    let shown = second.page(&format!("{address}?ids={one}&ids={two}"));
    location(&seen_and_sent(&manager, &place.address("delete"), &[("ids", &one)]));
    let seen = seen(&shown);
    let form = [&ticked[..], &[("expires_on", "2026-11-23"), ("seen", &seen)]].concat();
    let page = Page::of(second.post(&address, &form));
    assert_eq!(page.status, 409);
    assert!(page.texts(".notice p")[0].ends_with("Test manager deleted the enrolment of Test ada."));
    assert_eq!(
        page.text(".lede"),
        "1 enrolment of 1 person on Learning FIRE. 1 that you ticked was deleted meanwhile. Nothing has changed yet."
    );
    assert_eq!(page.attributes("main input[type=hidden][name=ids]", "value"), [two.as_str()]);
    assert_eq!(expiry(conn, ben), None);
    // a list whose address still has it leads on as well
    assert_eq!(second.page(&format!("{address}?ids={one}&ids={two}")).status, 200);
    let fresh = hidden(&page, "seen");
    location(&second.post(&address, &[("ids", two.as_str()), ("expires_on", "2026-11-23"), ("seen", &fresh)]));
    assert_eq!(expiry(conn, ben), Some("2026-11-23".into()));
}

#[test]
fn a_person_who_was_ticked_and_is_deleted_meanwhile_is_left_out_of_expiring_and_enrolling() {
    let place = place();
    let conn = &mut place.conn();
    let people = ["ada", "ben"].map(|name| user_of(conn, place.enrolled(name, place.east, None)).to_string());
    let ticked = [("ids", people[0].as_str()), ("ids", people[1].as_str())];
    builders::person(conn, Some(place.root), "admin", Some(("org_admin", Some(place.root))));
    let (admin, manager) = (place.app.signed_in("admin"), place.app.signed_in("manager"));
    let query = format!("ids={}&ids={}", people[0], people[1]);
    let enrol = format!("/experiences/{}/enrol", place.other);
    let shown = [
        ("/users/expire".to_owned(), manager.page(&format!("/users/expire?{query}"))),
        (enrol.clone(), manager.page(&format!("{enrol}/check?{query}"))),
    ];
    location(&admin.post(&format!("/users/{}/delete", people[0]), &[]));
    for (address, page) in shown {
        let seen = if address == enrol { hidden(&page, "seen") } else { seen(&page) };
        let fields = [("expires_on", "2026-11-23"), ("starts_on", "2026-11-23"), ("seen", seen.as_str())];
        let page = Page::of(manager.post(&address, &[&ticked[..], &fields].concat()));
        assert_eq!(page.status, 409, "{address}");
        assert_eq!(page.attributes("main input[type=hidden][name=ids]", "value"), [people[1].as_str()], "{address}");
        assert!(page.text(".lede").contains(". 1 that you ticked was deleted meanwhile"), "{address}");
    }
    let touched: i64 = enrolments::table
        .filter(enrolments::experience_id.eq(place.other).or(enrolments::expires_on.is_not_null()))
        .count()
        .get_result(conn)
        .unwrap();
    assert_eq!(touched, 0);
}
