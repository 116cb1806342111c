//! What the page before a change of enrolments says, and what it asks for.

use super::*;

#[test]
fn dates_that_can_hardly_be_meant_are_remarked_upon_and_a_result_has_a_limit() {
    let place = place();
    let ids = ["2026-11-01", "2026-12-24"].map(|starts_on| {
        let user = builders::user(&mut place.conn(), Some(place.east), &format!("from-{starts_on}"));
        builders::enrol(&mut place.conn(), user, place.fire, starts_on, None)
    });
    let manager = place.app.signed_in("manager");
    let shown = |change: &str, field: &str, day: &str| {
        let query = format!("ids={}&ids={}&{field}={day}", ids[0], ids[1]);
        manager.page(&format!("{}?{query}", place.address(change))).texts(".effect p").join(" ")
    };
    let later = "Check the date: 1 enrolment starts later than that day.";
    assert!(shown("completion", "completed_on", "2026-11-20").contains(later));
    assert!(shown("completion", "completed_on", "2026-10-20").contains("2 enrolments start later than that day."));
    let due = shown("due", "due_on", "2026-11-20");
    assert!(due.contains(later) && due.contains("Check the date: that day is over."), "{due}");
    let due = shown("due", "due_on", "2026-12-24");
    assert!(!due.contains("Check the date"), "{due}");
    let expiry = shown("expiry", "expires_on", "2026-11-23");
    let never = "Check the date: 1 enrolment starts later than that day, and would never give access.";
    assert!(expiry.contains(never), "{expiry}");
    let past = builders::user(&mut place.conn(), Some(place.east), "past");
    let past = builders::enrol(&mut place.conn(), past, place.fire, "2026-01-01", Some("2026-08-31"));
    let shown_of_past =
        |day: &str| manager.page(&format!("{}?ids={past}&expires_on={day}", place.address("expiry"))).text(".effect");
    let ended = "1 enrolment has ended on another day already. The new date takes its place there, too.";
    assert!(shown_of_past("2026-11-23").contains(ended), "{}", shown_of_past("2026-11-23"));
    assert!(!shown_of_past("2026-08-31").contains(ended) && !shown_of_past("2027-01-31").contains(ended));

    let id = ids[0].to_string();
    for (length, status) in [(101, 422), (100, 303)] {
        let result = "x".repeat(length);
        let form = [("ids", id.as_str()), ("completed_on", "2026-11-20"), ("result", &result)];
        let sent = Page::of(seen_and_sent(&manager, &place.address("completion"), &form));
        assert_eq!((sent.status, sent.texts("#result-problem").len()), (status, usize::from(status == 422)));
    }
}

#[test]
fn the_number_of_many_completion_records_that_get_another_date_has_to_be_typed() {
    let place = place();
    let conn = &mut place.conn();
    for number in 0..51 {
        place.enrolled(&format!("learner{number}"), place.east, None);
    }
    diesel::update(enrolments::table).set(enrolments::completed_on.eq(date("2026-05-05"))).execute(conn).unwrap();
    let manager = place.app.signed_in("manager");
    let (address, fields) = (place.address("completion"), [("all", "1"), ("completed_on", "2026-06-06")]);
    let page = manager.page(&format!("{address}?all=1&completed_on=2026-06-06"));
    assert!(page.text(".effect").contains("51 completion records get the new date. This cannot be undone;"));
    let untyped = Page::of(seen_and_sent(&manager, &address, &fields));
    assert_eq!((untyped.status, untyped.attributes(".problems a", "href")), (422, vec!["#confirm".to_owned()]));
    let typed = seen_and_sent(&manager, &address, &[&fields[..], &[("confirm", "51")]].concat());
    assert_eq!(typed.status(), 303);
    let moved = enrolments::table.filter(enrolments::completed_on.eq(date("2026-06-06")));
    assert_eq!(moved.count().get_result::<i64>(conn), Ok(51));
}

#[test]
fn the_page_before_a_change_says_what_it_does_and_what_is_wrong_with_a_date() {
    let place = place();
    let ada = place.enrolled("ada", place.east, None).to_string();
    let person = user_of(&mut place.conn(), ada.parse().unwrap());
    let manager = place.app.signed_in("manager");
    let effect = |change: &str, query: &str| {
        manager.page(&format!("{}?ids={ada}{query}", place.address(change))).texts(".effect p")[1..].to_vec()
    };
    assert_eq!(
        effect("due", "&due_on=2026-12-24"),
        ["1 enrolment is due on 24 Dec 2026. Access and licenses do not depend on it."]
    );
    assert_eq!(
        effect("completion", "&completed_on=2026-11-20"),
        ["1 enrolment stands as completed on 20 Nov 2026. Access and licenses stay."]
    );
    assert!(effect("reset", "")[0].starts_with("When they were last opened is forgotten too"));
    for (change, field) in [("expiry", "expires_on"), ("due", "due_on"), ("completion", "completed_on")] {
        for typed in ["soon", "2026-02-30", "9999-12-31", ""] {
            let page = manager.page(&format!("{}?ids={ada}&{field}={typed}", place.address(change)));
            assert_eq!(page.status, 422, "{field}={typed}");
            assert_eq!(page.texts(&format!("#{field}-problem")).len(), 1, "{field}={typed}");
        }
    }
    let far = manager.page(&format!("{}?ids={ada}&expires_on=9999-12-31", place.address("expiry")));
    assert_eq!(far.text("#expires_on-problem"), "Enter a date from 1900 to 9998.");
    let all = manager.page(&format!("/users/expire?ids={person}&expires_on="));
    assert_eq!((all.status, all.text("#expires_on-problem")), (422, "Enter the last day of access.".to_owned()));
}
