use headroom::domain::access::Role;
use headroom::domain::users_csv::Cell;

use super::{record, refusals, rows};

#[test]
fn a_missing_column_an_empty_cell_and_a_value_are_three_things() {
    let row = record("username,roles,account_expires_on\nann,,2026-12-31\n");
    assert_eq!(row.email, Cell::Absent);
    assert_eq!(row.roles, Cell::Empty);
    assert_eq!(row.account_expires_on.value().unwrap().to_string(), "2026-12-31");
    assert_eq!(record("username,organisation\nann, \n").organisation, Cell::Empty);
}

#[test]
fn everything_that_is_wrong_with_a_row_is_told() {
    let file = "user_id,username,E-Mail,first_name,roles,expires on\n7,,bob,#REF!,boss;chief;org_admin,tomorrow\n";
    assert_eq!(
        refusals(file),
        [
            "2 user_id: “7” is not a unique ID of this program",
            "2 username: must not be empty",
            "2 first_name: “#REF!” is an error of the spreadsheet, not a value; correct the cell and export again",
            "2 roles: “boss” is not a role; these are: account_manager, org_admin, user_manager",
            "2 roles: “chief” is not a role; these are: account_manager, org_admin, user_manager",
            "2 expires on: “tomorrow” is not a date like 2026-11-24",
            "2 E-Mail: “bob” is not an e-mail address",
        ]
    );
    assert_eq!(&rows(file)[0].cells[4], "boss;chief;org_admin");
}

#[test]
fn somebody_must_be_named() {
    let id = "0190163d-8694-739b-aea5-966c26f8ad91";
    assert_eq!(refusals("user_id,email\n,ann@x.example\n"), ["2 user_id: must not be empty: the row names nobody"]);
    assert_eq!(record(format!("user_id,email\n{id},ann@x.example\n")).user_id.unwrap().to_string(), id);
    assert_eq!(refusals(format!("user_id,username\n{id},\n")), ["2 username: must not be empty"]);
}

#[test]
fn spaces_are_trimmed_and_exactly_one_apostrophe_is_taken_off() {
    let row = record("username,first_name,last_name\n  ann , '=1+1,'t Hooft\n");
    assert_eq!(row.username, Cell::Value("ann".to_owned()));
    assert_eq!(row.first_name, Cell::Value("=1+1".to_owned()));
    assert_eq!(row.last_name, Cell::Value("'t Hooft".to_owned()));
    assert_eq!(record("username\n''=x\n").username, Cell::Value("'=x".to_owned()));
}

#[test]
fn what_a_spreadsheet_has_spoilt_is_refused() {
    for spoilt in ["1.2E+11", "\"1,2E+11\"", "1E+15", "-1.5e-07"] {
        let told = refusals(format!("username,organisation\n{spoilt},{spoilt}\n"));
        assert_eq!(told.len(), 2, "{spoilt}");
        assert!(told[0].contains("is a long number that a spreadsheet has shortened"), "{told:?}");
    }
    for error in
        ["#REF!", "#NAME?", "#N/A", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#BEZUG!", "#NV", "####", "Err:502"]
    {
        let told = refusals(format!("username,last_name\nann,{error}\n"));
        assert!(told.len() == 1 && told[0].contains("is an error of the spreadsheet"), "{error} {told:?}");
    }
    for fine in ["1e5", "E+11", "1.2E", "#1", "#", "#hashtag!", "120000000000", "Err:x", "N/A", "2E+11x"] {
        assert_eq!(refusals(format!("username,last_name\n{fine},{fine}\n")), [""; 0], "{fine}");
    }
}

#[test]
fn texts_have_their_lengths_and_no_control_characters() {
    let exact = "é".repeat(150);
    assert_eq!(record(format!("username\n{exact}\n")).username, Cell::Value(exact.clone()));
    let told = refusals(format!("username\n{exact}e\n"));
    assert!(told[0].ends_with("…” is longer than 150 characters"), "{told:?}");
    assert_eq!(refusals("username\na\u{7}b\n"), ["2 username: “a\u{7}b” contains a control character"]);
    assert_eq!(refusals("username,last_name\nann,\"a\nb\"\n").len(), 1);
}

#[test]
fn roles_are_a_list_and_nobody_becomes_an_instance_admin() {
    let roles = |list: &str| record(format!("username,roles\nann,{list}\n")).roles;
    assert_eq!(roles("user_manager; org_admin;user_manager;"), Cell::Value(vec![Role::OrgAdmin, Role::UserManager]));
    assert_eq!(roles(";"), Cell::Empty);
    for written in ["Org Admin", "org admin", "org-admin", "ORG_ADMIN"] {
        assert_eq!(roles(written), Cell::Value(vec![Role::OrgAdmin]), "{written}");
    }
    assert_eq!(refusals("username,roles\nann,Instance Admin\n").len(), 1);
    assert_eq!(
        refusals("username,roles\nann,instance_admin\n"),
        ["2 roles: “instance_admin” is created by headroom create-admin only"]
    );
}

#[test]
fn an_export_is_known_by_its_id_and_its_moment_and_what_cannot_be_read_is_none() {
    let id = "0190163d-8694-739b-aea5-966c26f8ad91";
    let row = record(format!("username,exported_at,export_id\nann,2026-11-24T15:04:05Z,{id}\n"));
    assert_eq!(row.exported_at.unwrap().to_rfc3339(), "2026-11-24T15:04:05+00:00");
    assert_eq!(row.export_id.unwrap().to_string(), id);
    let row = record("username,exported_at,export_id\nann,recently,x\n");
    assert_eq!((row.exported_at, row.export_id), (None, None));
}
