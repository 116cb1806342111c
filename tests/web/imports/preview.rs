//! The plan as it is shown before anything changes.

use super::*;

#[test]
fn the_preview_has_figures_and_the_people_behind_each() {
    let place = place();
    place.active("ada");
    let gone = place.active("gone");
    place.completed(gone);
    let mut changed = row("ada");
    changed["last_name"] = json!("Okafor-Reid <b>");
    let new = json!({ "username": "new", "email": "new@people.example", "first_name": "Nia", "last_name": "New" });
    let id = place.planned(true, &[changed, new, row("manager")]);
    let admin = place.app.signed_in("admin");
    let preview = page(&admin, id);
    assert_eq!(preview.text("h1"), "Check before anything changes");
    assert_eq!(preview.text(".lede"), "3 rows, read as Windows-1252, semicolon. Nothing has changed yet.");
    assert_eq!(
        preview.texts(".offers a"),
        ["Deleted 1", "Changed 1", "Added 1", "Protected 1", "Refused rows 0", "Unchanged 1"]
    );
    assert_eq!(preview.texts(".figures dd"), ["1", "1", "4"], "licenses, records, people there");
    let facts = preview.text(".facts");
    assert!(facts.contains("username (“Login”), email, first_name, last_name"), "{facts}");
    assert!(facts.contains("Columns that mean nothing hereShoe size"), "{facts}");
    assert_eq!(preview.rows(), [["Test gone gone", "Acme > East", "", "becomes free", "1 completion record"]]);

    let show = |what: &str| admin.page(&format!("/imports/{id}?show={what}"));
    assert_eq!(
        show("changed").rows(),
        [["Test ada ada, line 2", "Last name", "ada", "Okafor-Reid <b>"]],
        "old and new side by side, and text is text"
    );
    assert_eq!(show("added").rows(), [["Nia New new, line 3", "new@people.example", "Acme", "", ""]]);
    assert_eq!(
        show("protected").rows(),
        [["Test admin admin", "Acme", "This is you. Nobody deletes their own account."]]
    );
    assert_eq!(show("unchanged").rows(), [["Test manager manager", "Acme", "4"]]);
    assert_eq!(show("refused").text(".empty h2"), "No row is refused");
    assert_eq!(admin.page(&format!("/imports/{id}?show=deleted&q=GON")).rows().len(), 1);
    let nobody = admin.page(&format!("/imports/{id}?show=deleted&q=%00zzz"));
    assert_eq!(nobody.text(".empty h2"), "Nobody matches");
    assert_eq!(admin.get(&format!("/imports/{id}?show=deleted&page=9")).status(), 404);
    assert_eq!(place.usernames().len(), 5, "nothing has changed");
}

#[test]
fn the_form_says_what_goes_and_its_buttons_have_the_exact_words() {
    let place = place();
    place.threshold(100);
    let gone = place.active("gone");
    place.completed(gone);
    place.active("ada");
    let mut changed = row("ada");
    changed["last_name"] = json!("Obi");
    let new = json!({ "username": "new", "email": "new@people.example", "first_name": "Nia", "last_name": "New" });
    let id = place.planned(true, &[changed, new, row("manager")]);
    let admin = place.app.signed_in("admin");
    let preview = page(&admin, id);
    assert_eq!(
        preview.texts("#confirm button"),
        ["Delete 1 user, change 1, add 1", "Expire all enrolments of 1 user, change 1, add 1", "Cancel"]
    );
    assert_eq!(preview.text("#confirm .people"), "Test gone");
    let words = preview.text("#confirm .effect");
    assert!(words.contains("With them 1 completion record is lost. 1 license becomes free."), "{words}");
    assert!(words.contains("Until 1 Dec 2026, 12:00 GMT they can be restored"), "{words}");
    assert!(words.contains("accounts and completion records stay, the same license becomes free"), "{words}");
    assert!(preview.texts("input[name=typed]").is_empty() && preview.attributes("input[name=typed]", "id").is_empty());
    let plain = page(&admin, place.planned(false, &[row("ada"), row("more")]));
    assert_eq!(plain.texts("#confirm button"), ["Add 1 user", "Cancel"]);
    assert!(plain.text("#confirm").contains("Nobody is deleted: “Synchronize Users” was not ticked."));
}

#[test]
fn an_import_that_deletes_nobody_shows_the_forecast_when_it_concerns_a_license() {
    let place = place();
    place.active("ada");
    place.active("ben");
    let admin = place.app.signed_in("admin");
    let forecast = |changes: Value| {
        let columns = json!({ "username": "username", "last_name": "last_name", "account_expires_on": "expires" });
        let id = place.import("planned", false, json!({ "rows": 1, "columns": columns }));
        place.add_rows(id, &[changes]);
        place.plan(id);
        let preview = page(&admin, id);
        assert!(preview.text("#confirm button").starts_with("Change 1 user"), "{}", preview.text("#confirm button"));
        preview.texts(".what-if tbody td").chunks(3).map(|row| row.join(" ")).collect::<Vec<_>>()
    };
    let ends = json!({ "username": "ada", "last_name": "ada", "account_expires_on": "2026-12-04" });
    assert_eq!(forecast(ends), ["2 2 100", "2 1 100", "2 1 100", "2 1 100"]);
    let over = json!({ "username": "ada", "last_name": "ada", "account_expires_on": "2026-11-23" });
    assert_eq!(forecast(over), ["2 1 100", "2 1 100", "2 1 100", "2 1 100"]);
    assert!(forecast(json!({ "username": "ada", "last_name": "Okafor" })).is_empty());
}

#[test]
fn whoever_goes_with_a_role_stands_first_with_what_and_where() {
    let place = place();
    place.threshold(100);
    place.active("aaron");
    let gone = place.active("zoe");
    builders::grant(&mut place.conn(), gone, "user_manager", Some(place.acme));
    let id = place.planned(true, &[row("manager")]);
    let admin = place.app.signed_in("admin");
    let preview = page(&admin, id);
    let roles: Vec<_> = preview.rows().iter().map(|row| (row[0].clone(), row[2].clone())).collect();
    let expected = [("Test zoe zoe", "User manager of Acme"), ("Test aaron aaron", "")];
    assert_eq!(roles, expected.map(|(name, role)| (name.to_owned(), role.to_owned())));
    let words = preview.text("#confirm .effect");
    assert!(words.contains("1 of them holds a role, which goes with them"), "{words}");
    // a role more is another plan
    builders::grant(&mut place.conn(), gone, "user_manager", Some(place.east));
    let seen = hidden(&preview, "seen");
    let moved = Page::of(post(&admin, id, "confirm", &[("seen", &seen)]));
    assert_eq!((moved.status, place.is_there("zoe")), (409, true));
    assert_eq!(moved.rows()[0][2].matches("User manager of Acme").count(), 2, "{:?}", moved.rows()[0]);
    location(&post(&admin, id, "confirm", &[("seen", &hidden(&moved, "seen"))]));
    assert!(!place.is_there("zoe"));
}

#[test]
fn refused_rows_are_counted_by_cause_and_each_cause_opens_its_rows() {
    let place = place();
    let admin = place.app.signed_in("admin");
    let mut file = "username,email,first_name,last_name,expires on\r\n".to_owned();
    for number in 0..25 {
        file.push_str(&format!("bad-{number},nonsense,Nia,New,\r\n"));
    }
    file.push_str("ann,ann@x.example,An,N,3/4/2026\r\nbob,bob@x.example,Bo,B,4/5/2026\r\n");
    file.push_str("cy,cy@x.example,Cy,C,\r\ncy,cy2@x.example,Cy,C,\r\n");
    let address = location(&upload(&admin, &[("file", Some("people.csv"), file.as_bytes())]));
    assert_eq!(place.app.run_jobs(), 1);
    let refused = admin.page(&format!("{address}?show=refused"));
    let told = |row: [&str; 3]| row.map(str::to_owned).to_vec();
    let expected = [
        told(["Is not an e-mail address.", "email", "25"]),
        told(["Could be … or …; write … or …", "expires on", "2"]),
        told(["The same is on line …", "username", "2"]),
    ];
    assert_eq!(refused.rows()[..3], expected);
    assert_eq!(refused.rows().len(), 3 + 20);
    assert_eq!(refused.attributes(".causes a[aria-current]", "href"), Vec::<String>::new());
    let links = refused.attributes(".causes a", "href");
    let dates = admin.page(&links[1]);
    let lines: Vec<_> = dates.rows()[3..].iter().map(|row| row[0].clone()).collect();
    assert_eq!(lines, ["Line 27 An N, ann", "Line 28 Bo B, bob"], "whom it is about");
    assert_eq!(dates.attributes(".causes a[aria-current]", "href"), [links[1].as_str()]);
    assert!(dates.attributes("main p a", "href").contains(&format!("{address}?show=refused")));
    let second = admin.page(&format!("{}&page=2", links[0]));
    assert_eq!(second.rows().len(), 3 + 5, "the other pages have the same cause");
    assert!(refused.attributes("main nav a", "href").iter().all(|link| !link.contains("cause")));
    assert_eq!(admin.page(&format!("{address}?show=refused&cause=99")).rows().len(), 3 + 20);
    assert!(admin.page(&format!("{address}?show=added&cause=1")).texts(".causes").is_empty());
}

#[test]
fn what_speaks_against_deleting_is_said_with_what_to_do() {
    let place = place();
    place.active("gone");
    let admin = place.app.signed_in("admin");
    let refused = json!({ "username": "new", "first_name": "=cmd()", "last_name": "New" });
    let id = place.planned(true, &[row("manager"), refused, row("more")]);
    let preview = page(&admin, id);
    let told = preview.text(".notice.over");
    assert!(told.starts_with("Nobody is deleted, although “Synchronize Users” was ticked"), "{told}");
    assert!(
        told.contains("1 row is refused, so nobody can say who is missing from the file. Correct these rows"),
        "{told}"
    );
    assert_eq!(preview.texts("#confirm button"), ["Add 1 user", "Cancel"]);
    assert!(preview.text("#confirm").contains("1 refused row is left out."));
    // what has to be corrected is open, and said
    let link = format!("/imports/{id}?show=refused");
    assert_eq!(preview.attributes(".notice.over a", "href"), [link.as_str()]);
    assert!(preview.attributes(".notice.over a", "download").is_empty(), "no file");
    assert_eq!(preview.attributes(".offers a[aria-current]", "href"), [link.as_str()]);
    assert_eq!(preview.texts(".offers a")[4], "Refused rows 1 to correct");
    let refused = admin.page(&link);
    for page in [&preview, &refused] {
        assert_eq!(page.rows(), [["Line 3 =cmd() New, new", "email", "", "A new user needs this."]]);
    }

    let file = admin.get(&format!("/imports/{id}/refused.csv"));
    assert_eq!(file.headers()["content-disposition"], "attachment; filename=\"refused-rows.csv\"");
    assert_eq!(
        file.text().unwrap(),
        "username,email,first_name,last_name,problem\r\n\
         new,,'=cmd(),New,email: A new user needs this.\r\n"
    );

    let stranger = page(&admin, place.planned(true, &[row("somebody")]));
    let told = stranger.text(".notice.over");
    assert!(told.contains("No row is about anybody in Acme: everybody there would be deleted."), "{told}");
    let links = stranger.attributes(".notice.over a", "href");
    assert_eq!(links, [format!("/users.csv?organisation={}", place.acme)]);
    let empty = page(&admin, place.planned(true, &[]));
    assert!(empty.text(".notice.over").contains("The file has no rows"));
    assert_eq!(empty.texts(".panel.padded h2"), ["There is nothing to do"]);
    assert!(empty.texts("#confirm").is_empty());
    assert_eq!(empty.texts(".offers a[aria-current]"), Vec::<String>::new(), "there is nothing to open");
    assert_eq!(empty.texts(".nobody"), ["The file has no rows, so there is nobody to show."]);
    assert!(empty.texts(".panel.empty").is_empty());
    // refused rows do not come before what is done all the same, where nobody was to be deleted
    let id = place.planned(false, &[json!({ "username": "new", "email": "new@people.example" }), row("more")]);
    assert_eq!(page(&admin, id).texts(".offers a[aria-current]"), ["Added 1"]);
}

#[test]
fn a_refused_row_tells_whom_it_is_about_as_far_as_it_does() {
    let place = place();
    let admin = place.app.signed_in("admin");
    let told = |row: Value| {
        let refused = page(&admin, place.planned(true, &[row])).rows();
        refused[0][0].clone()
    };
    let long = "x".repeat(90);
    assert_eq!(told(json!({ "username": "nia", "email": "nia@people.example" })), "Line 2 nia@people.example, nia");
    assert_eq!(told(json!({ "last_name": "Okafor" })), "Line 2 Okafor");
    assert_eq!(told(json!({ "last_name": long, "username": "nia" })), format!("Line 2 {}…, nia", &long[..60]));
    let id = Uuid::now_v7();
    assert_eq!(told(json!({ "user_id": id })), format!("Line 2 {id}"));
    assert_eq!(told(json!({})), "Line 2");
}

#[test]
fn whoever_did_not_upload_the_file_is_told_who_is_protected_for_having_done_so() {
    let place = place();
    place.active("gone");
    let id = place.planned(true, &[row("manager")]);
    let told =
        |name: &str| place.app.signed_in(name).page(&format!("/imports/{id}?show=protected")).rows()[0][2].clone();
    assert_eq!(told("admin"), "This is you. Nobody deletes their own account.");
    assert_eq!(told("instance"), "Uploaded the file. Nobody deletes their own account.");
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let place = place();
    let admin = place.app.signed_in("admin");
    let reading = json!({ "refusal": "Line 1: there is no column username or user_id." });
    let id = place.import("refused", true, reading);
    let refused = page(&admin, id);
    assert_eq!(refused.text("h1"), "The file cannot be read");
    assert!(refused.text(".notice.over").contains("Line 1: there is no column username or user_id."));
    assert!(refused.attributes("main a", "href").contains(&format!("/users/import?organisation={}", place.acme)));
}

#[test]
fn the_list_has_every_import_of_the_scope_with_its_state() {
    let place = place();
    let admin = place.app.signed_in("admin");
    assert_eq!(admin.page("/imports").text(".empty h2"), "Nothing was imported yet");
    builders::import(&mut place.conn(), place.globex);
    place.planned(false, &[row("new")]);
    let rows = admin.page("/imports").rows();
    assert_eq!(rows.len(), 1, "not those of others");
    assert_eq!(rows[0][0], "<leavers>.csv");
    assert_eq!(rows[0][2], "24 Nov 2026, 12:00 GMT by Test admin");
    assert_eq!(rows[0][3..], ["Waits for an answer", "1 to add"]);
    // where nothing would be done, nobody has to answer
    place.planned(false, &[row("manager")]);
    place.planned(false, &[json!({ "username": "nobody" })]);
    let rows = admin.page("/imports").rows();
    assert_eq!(rows[1][3..], ["Nothing to do", "No changes"]);
    assert_eq!(rows[0][3..], ["Nothing to do", "1 row refused"]);
    assert_eq!(place.app.signed_in("instance").page("/imports").rows().len(), 4);
    assert_eq!(admin.get("/imports?page=2").status(), 404);
}
