//! The result: who is behind its figures, as long as that is kept.

use headroom::jobs::imports::forget_import;

use super::*;

/// An import that deletes "gone", changes "ada", adds "new", protects the importer, leaves "manager" as they are; and has a
/// refused row when nobody is to be deleted.
fn plan(place: &Place, synchronize: bool) -> Uuid {
    place.threshold(100);
    let gone = place.active("gone");
    place.completed(gone);
    place.active("ada");
    let mut changed = row("ada");
    changed["last_name"] = json!("Obi");
    let mut rows = vec![changed, row("new"), row("manager")];
    if !synchronize {
        rows.push(json!({ "username": "refused" }));
    }
    place.planned(synchronize, &rows)
}

#[test]
fn the_result_has_the_people_behind_each_figure_with_values_and_reasons() {
    let place = place();
    let id = plan(&place, true);
    let admin = place.app.signed_in("admin");
    location(&confirm(&admin, id, &[]));
    let result = page(&admin, id);
    assert_eq!(
        result.texts(".offers a"),
        ["Deleted 1", "Changed 1", "Added 1", "Protected 1", "Refused rows 0", "Unchanged 1"]
    );
    assert_eq!(
        result.text(".notice.done p"),
        "With those who were deleted went 1 completion record. That freed 1 license."
    );
    assert_eq!(result.texts(".offers a[aria-current]"), ["Changed 1"], "who was deleted stands below, to be restored");
    let changed = "Test ada ada, line 2";
    assert_eq!(result.rows(), [vec![changed, "Last name", "ada", "Obi"], vec!["", "Test gone", "gone"]]);
    assert_eq!(result.texts(".changes thead th")[2..], ["Before", "After"]);

    let show = |what: &str| admin.page(&format!("/imports/{id}?show={what}"));
    let first = |page: &Page| page.rows()[0].clone();
    let deleted = show("deleted");
    assert_eq!(first(&deleted), ["Test gone gone", "Acme > East", "", "became free", "1 completion record"]);
    assert!(deleted.texts("thead th").contains(&"What got lost".to_owned()));
    assert!(deleted.texts(".cards:not(.picking) tbody th a").is_empty(), "whoever is deleted has no page");
    let added = show("added");
    assert_eq!(first(&added), ["Test new new, line 3", "new@people.example", "Acme", "", ""]);
    let their_page = &added.attributes("tbody th a", "href")[0];
    assert_eq!(admin.page(their_page).text("h1"), "Test new");
    assert_eq!(
        first(&show("protected")),
        ["Test admin admin", "Acme", "This is you. Nobody deletes their own account."]
    );
    assert_eq!(
        show("unchanged").texts(".cards:not(.picking) tbody th"),
        ["Test manager manager"],
        "not whoever is new, who has the username of a row by now"
    );
    assert_eq!(show("refused").text(".empty h2"), "No row is refused");
    // nothing can be confirmed, and the search is that of the figure
    assert!(deleted.texts("#confirm").is_empty() && deleted.attributes("input[name=seen]", "value").is_empty());
    let nobody = admin.page(&format!("/imports/{id}?show=changed&q=zzz"));
    assert_eq!(nobody.text(".empty h2"), "Nobody matches");
    assert_eq!(nobody.rows(), [["", "Test gone", "gone"]], "not of those who can be restored");
    let found = admin.page(&format!("/imports/{id}?q=zzz"));
    assert_eq!((found.text(".empty h2"), found.rows().len()), ("Nobody matches".to_owned(), 0), "here it is of those");
    assert!(found.texts(".offers a[aria-current]").is_empty(), "and nothing is open besides");
    assert_eq!(admin.get(&format!("/imports/{id}?show=deleted&page=2")).status(), 404);
}

#[test]
fn many_of_a_result_come_in_pages_and_refused_rows_with_their_file() {
    let place = place();
    let mut rows: Vec<Value> = (0..25).map(|n| row(&format!("new-{n:02}"))).collect();
    rows.push(json!({ "username": "refused" }));
    let id = place.planned(false, &rows);
    let admin = place.app.signed_in("admin");
    location(&confirm(&admin, id, &[]));
    let result = page(&admin, id);
    assert_eq!((result.rows().len(), result.texts(".offers a[aria-current]")), (20, vec!["Added 25".to_owned()]));
    let second = admin.page(&format!("/imports/{id}?show=added&page=2"));
    assert_eq!((second.status, second.rows().len()), (200, 5));
    assert_eq!(result.texts(".offers a")[4], "Refused rows 1 left out");
    let refused = admin.page(&format!("/imports/{id}?show=refused"));
    assert!(refused.rows().iter().all(|row| row[0] == "Line 27 refused"), "{:?}", refused.rows());
    assert!(refused.attributes("main a[download]", "href").contains(&format!("/imports/{id}/refused.csv")));
    // sentences about nobody are left out
    let told = result.text(".notice.done");
    assert!(!told.contains(" 0 ") && !told.contains("freed"), "{told}");
    assert!(result.texts(".figures > div").is_empty());
}

#[test]
fn deleting_whoever_had_nothing_says_nothing_of_what_they_had() {
    let place = place();
    place.threshold(100);
    builders::user(&mut place.conn(), Some(place.east), "idle");
    place.came_long_ago();
    let id = place.planned(true, &[row("manager")]);
    let admin = place.app.signed_in("admin");
    let asked = page(&admin, id).text("#confirm .effect");
    assert!(asked.contains("They have no completion records. No license becomes free."), "{asked}");
    location(&confirm(&admin, id, &[]));
    let told = page(&admin, id).texts(".notice.done p");
    assert_eq!(told, ["They can be restored until 1 Dec 2026, 12:00 GMT, below."]);
}

#[test]
fn whoever_was_missing_and_was_not_deleted_is_shown_as_what_became_of_them() {
    for (missing, label, license) in
        [("expire", "Without access 1", "became free"), ("keep", "Missing, kept 1", "kept")]
    {
        let place = place();
        let id = plan(&place, true);
        let admin = place.app.signed_in("admin");
        location(&confirm(&admin, id, &[("missing", missing)]));
        let result = page(&admin, id);
        assert_eq!(result.texts(".offers a[aria-current]"), [label]);
        assert_eq!(result.rows(), [["Test gone gone", "Acme > East", "", license]]);
        assert_eq!(result.attributes("tbody th a", "href").len(), 1, "they are there");
    }
}

#[test]
fn when_the_plan_is_not_kept_any_longer_the_figures_stay_and_that_is_said() {
    let place = place();
    let id = plan(&place, false);
    let admin = place.app.signed_in("admin");
    location(&confirm(&admin, id, &[]));
    assert!(!page(&admin, id).rows().is_empty());
    place.app.set_time("2026-12-01T12:01:00Z");
    while forget_import(&mut place.conn(), place.app.clock.now()).unwrap() {}
    let admin = place.app.signed_in("admin");
    for address in [format!("/imports/{id}"), format!("/imports/{id}?show=protected")] {
        let old = admin.page(&address);
        assert_eq!((old.status, old.text("h1").as_str()), (200, "1 user changed, 1 added"));
        assert_eq!(old.texts(".figures dd"), ["0", "1", "1", "0", "1", "0"]);
        assert!(old.rows().is_empty() && old.texts(".offers a").is_empty());
        assert!(old.text(".notice.done").contains("Who is behind the figures is not kept any longer"));
        assert!(old.attributes("main a[download]", "href").is_empty(), "nor the refused rows");
    }
}
