//! Rows that are about somebody else, about the same person, or about what somebody else has.

use headroom::domain::sync::guards::CannotSynchronize::RefusedRows;
use headroom::features::imports::commands::Applied;

use super::{EAST, TOP, place};
use crate::support::builders;

#[test]
fn the_same_person_twice_is_refused_on_both_lines() {
    let place = place();
    let sheet = place.export(place.acme);
    let (first, last) = (sheet.line("east-3"), sheet.rows.len() + 2);
    let plan = place.synchronize(sheet.twice("east-3").with("east-3", "last_name", "Other").csv());
    assert_eq!((plan.figures(), plan.objections()), ([0, 0, 0, 0, 2], &[RefusedRows][..]));
    let twice = [
        format!("{first} user_id: The same is on line {last}."),
        format!("{last} user_id: The same is on line {first}."),
    ];
    assert_eq!(place.refused(&plan), twice);
}

#[test]
fn two_rows_that_want_one_username_are_refused_whatever_its_case() {
    let place = place();
    let file = "username,email,first_name,last_name\r\nNew,one@x.example,One,New\r\nnew,two@x.example,Two,New\r\n";
    let plan = place.import(place.east, false, file);
    assert_eq!(plan.figures(), [0, 0, 0, 0, 2]);
}

#[test]
fn a_row_that_is_wrong_otherwise_still_wants_its_username_and_nobody_else_gets_it() {
    let place = place();
    let file = "username,email,first_name,last_name,organisation\r\n\
                New,one@x.example,One,New,Nowhere\r\nnew,two@x.example,Two,New,Acme\r\n";
    let plan = place.import(place.acme, false, file);
    assert_eq!(plan.figures(), [0, 0, 0, 0, 2]);
    assert_eq!(place.refused(&plan).last().unwrap(), "3 username: The same is on line 2.");
}

#[test]
fn a_row_that_cannot_be_read_still_means_its_person_and_the_other_row_is_refused_too() {
    let place = place();
    let file = "username,email,first_name,last_name\r\nzz1,bad,Fi,La\r\nZZ1,b@x.example,Fi,La\r\n";
    let plan = place.import(place.acme, false, file);
    assert_eq!(plan.figures(), [0, 0, 0, 0, 2]);
    let refused = [
        "2 email: is not an e-mail address",
        "2 username: The same is on line 3.",
        "3 username: The same is on line 2.",
    ];
    assert_eq!(place.refused(&plan), refused);

    // one e-mail address, and a quote that is wrong
    let file = "username,email,first_name,last_name\r\nzz1,b@x.example,\"Fi\"x,La\r\nzz2,B@x.example,Fi,La\r\n";
    let plan = place.import(place.acme, false, file);
    assert_eq!((plan.figures(), place.refused(&plan).len()), ([0, 0, 0, 0, 2], 3));

    // by unique ID or by username, with the unique IDs in their order and in another
    let [low, high] = [place.id_of("east-3"), place.id_of("east-4")];
    let headings = "user_id,username,email\r\n";
    for bad in [format!("{low},,bad"), format!("{low},east-3,bad"), ",EAST-3,bad".to_owned(), "x,east-3,".to_owned()] {
        let rows = format!("{bad}\r\n{low},east-3,new@x.example\r\n{high},east-4,x@x.example\r\n");
        let plan = place.import(place.acme, false, format!("{headings}{rows}"));
        assert_eq!(plan.figures(), [0, 1, 0, 0, 2], "{bad} {:?}", place.refused(&plan));
        assert!(place.refused(&plan).contains(&"3 user_id: The same is on line 2.".to_owned()), "{bad}");
        let plan = place.import(place.acme, false, format!("{headings}{rows}{},top-0,\r\n", place.id_of("admin")));
        assert_eq!(plan.figures(), [0, 1, 0, 0, 3], "{bad} {:?}", place.refused(&plan));
    }
    // a row that was refused and a good one for somebody else
    let plan = place.import(
        place.acme,
        false,
        format!("user_id,username,email\r\n{low},east-3,bad\r\n{high},east-4,x@x.example\r\n"),
    );
    assert_eq!(plan.figures(), [0, 1, 0, 0, 1]);
}

#[test]
fn a_username_may_change_its_case_only() {
    let place = place();
    let sheet = place.export(place.acme).with("east-3", "username", "EAST-3");
    let plan = place.synchronize(sheet.csv());
    assert_eq!((plan.figures(), place.apply(&plan)), ([0, 1, 0, 0, 0], Applied::Done));
    assert!(place.usernames().contains(&"EAST-3".to_owned()));
    // and is matched in any case where there is no unique ID
    let by_name = place.import(place.east, false, "username,first_name\r\neast-3,Test\r\n");
    assert_eq!((by_name.figures(), place.apply(&by_name)), ([0, 1, 0, 0, 0], Applied::Done));
    assert!(place.usernames().contains(&"east-3".to_owned()));
}

#[test]
fn two_people_may_swap_their_usernames() {
    let place = place();
    let (one, other) = (place.id_of("east-3"), place.id_of("east-4"));
    let sheet =
        place.export(place.acme).with("east-3", "username", "for a moment").with("east-4", "username", "east-3");
    let plan = place.synchronize(sheet.with("for a moment", "username", "east-4").csv());
    assert_eq!((plan.figures(), place.apply(&plan)), ([0, 2, 0, 0, 0], Applied::Done));
    assert_eq!((place.id_of("east-4"), place.id_of("east-3")), (one, other));
}

#[test]
fn a_username_of_somebody_who_keeps_it_is_refused() {
    let place = place();
    let sheet = place.export(place.acme);
    let line = sheet.line("east-3");
    let plan = place.import(place.acme, false, sheet.with("east-3", "username", "Stranger").csv());
    assert_eq!(place.refused(&plan), [format!("{line} username: Somebody else has this username.")]);
}

#[test]
fn people_and_organisations_of_others_are_refused_as_if_they_did_not_exist() {
    let place = place();
    let stranger = place.id_of("stranger");
    let file = format!(
        "user_id,username,email,first_name,last_name,organisation\r\n\
         {stranger},stranger,stranger@people.example,Test,mine,Acme\r\n\
         ,new,new@x.example,New,User,Globex\r\n\
         ,new2,new2@x.example,New,User,Nowhere\r\n\
         {},other,other@x.example,New,User,Acme\r\n",
        uuid::Uuid::now_v7()
    );
    let plan = place.import(place.acme, false, file);
    let no_such = "There is no such organisation in Acme, for which this import is.";
    assert_eq!(
        place.refused(&plan),
        [
            "2 user_id: Nobody here has this unique ID.".to_owned(),
            format!("3 organisation: {no_such}"),
            format!("4 organisation: {no_such}"),
            "5 user_id: Nobody here has this unique ID.".to_owned(),
        ]
    );
    assert_eq!((plan.figures(), place.apply(&plan)), ([0, 0, 0, 0, 4], Applied::Done));
}

#[test]
fn nobody_takes_their_own_roles_away_or_grants_what_they_may_not() {
    let place = place();
    builders::grant(&mut place.conn(), place.id_of("top-1"), "account_manager", Some(place.acme));
    let sheet = place.export(place.acme);
    let (own, other, mightier) = (sheet.line("admin"), sheet.line("top-0"), sheet.line("top-1"));
    let sheet =
        sheet.with("admin", "roles", "").with("top-0", "roles", "account_manager").with("top-1", "last_name", "X");
    let plan = place.import(place.acme, false, sheet.csv());
    let mut expected = vec![
        format!("{own} roles: You cannot change your own roles or home organisation by an import."),
        format!("{other} roles: You cannot grant or take this role there."),
        format!("{mightier} user_id: This person holds a role that you could not grant, so you cannot change them."),
    ];
    expected.sort();
    let mut refused = place.refused(&plan);
    refused.sort();
    assert_eq!(refused, expected);
}

#[test]
fn an_account_manager_of_a_part_of_a_tree_is_refused_by_an_import_too() {
    let mut place = place();
    let conn = &mut place.conn();
    place.admin = builders::user(conn, None, "instance");
    builders::grant(conn, place.admin, "instance_admin", None);
    let held = place.id_of("east-4");
    builders::grant(conn, held, "account_manager", Some(place.east));
    let sheet = place.export(place.acme);
    let line = sheet.line("east-3");
    let sheet = sheet.with("east-3", "roles", "account_manager").with("top-1", "roles", "account_manager");
    let plan = place.import(place.acme, false, sheet.with("east-4", "last_name", "Other").csv());
    assert_eq!(plan.figures(), [0, 2, 0, 0, 1], "what is held already is not granted");
    let told = "An account manager looks after whole trees: give the role on an organisation with none above it.";
    assert_eq!(place.refused(&plan), [format!("{line} roles: {told}")]);
}

#[test]
fn an_address_that_no_mail_can_be_sent_to_is_refused_unless_somebody_has_it_already() {
    let place = place();
    place.run("update users set email = 'old..one@people.example' where username = 'east-3'");
    place.run("update users set email = 'old..two@people.example' where username = 'east-4'");
    let sheet = place.export(place.acme).with("east-3", "last_name", "Other");
    let line = sheet.line("east-4");
    let file = sheet.with("east-4", "email", "new..two@people.example").csv();
    let plan = place.import(place.acme, false, format!("{file},new,n..w@x.example,Nia,New,Acme\r\n"));
    assert_eq!(plan.figures(), [0, 1, 0, 0, 2]);
    let told = "email: No mail can be sent to this: it is not an e-mail address like name@example.org.";
    assert_eq!(place.refused(&plan), [format!("{line} {told}"), format!("{} {told}", EAST + TOP + 2)]);
    assert!(place.synchronize(place.export(place.acme).csv()).objections().is_empty());
}
