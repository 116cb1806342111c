use headroom::domain::users_csv::{Cell, Column, Delimiter};

use super::{record, refusals, refused, rows, survey};

fn found(heading: &str) -> Vec<(Column, String)> {
    survey(format!("{heading}\n").as_bytes()).columns.found
}

#[test]
fn columns_come_in_any_order_and_in_the_words_of_other_platforms() {
    use Column::{AccountExpiresOn, Email, FirstName, LastName, Organisation, Roles, UserId, Username};
    for (column, headings) in [
        (UserId, "user_id|userId|User ID|unique ID"),
        (Username, "username|User name|LOGIN|login_id"),
        (Email, "email|E-Mail|Mail|email address| e-mail  address "),
        (FirstName, "first_name|firstname|firstName|First Name|Given name"),
        (LastName, "last_name|lastname|Last-Name|Surname|family name"),
        (Organisation, "organisation|Organization|organisation path|org"),
        (Roles, "roles|Role"),
        (AccountExpiresOn, "account_expires_on|Expires on|account expiry|Valid until"),
    ] {
        for heading in headings.split('|') {
            let known = if column == Username { "user_id" } else { "username" };
            let found = found(&format!("{heading},x,{known}"));
            assert_eq!(found[0], (column, heading.trim().to_owned()), "{heading}");
        }
    }
    assert_eq!(Column::of("id"), None);
    assert_eq!(Column::of("department"), None);
}

#[test]
fn exports_of_moodle_and_canvas_are_understood() {
    let moodle = record("username,firstname,lastname,email,cohort1\nann,Ann,Lee,ann@x.example,c\n");
    assert_eq!(moodle.first_name, Cell::Value("Ann".to_owned()));
    let canvas = "user_id,login_id,first_name,last_name,email,status\nS123,ann,Ann,Lee,ann@x.example,active\n";
    assert_eq!(survey(canvas.as_bytes()).columns.ignored, ["user_id", "status"]);
    assert_eq!(record(canvas).username, Cell::Value("ann".to_owned()));
    assert_eq!(record(canvas).user_id, None);
}

#[test]
fn unknown_columns_are_named_and_those_that_are_only_for_reading_are_known() {
    let survey = survey(b"username,colour,,active,created_at,exported_at,export_id\nann,red,,yes,x,y,z\n");
    assert_eq!(survey.columns.ignored, ["colour"]);
    assert_eq!(survey.columns.found.len(), 5);
    assert!(survey.columns.has(Column::Active));
}

#[test]
fn two_headings_for_one_column_are_refused_with_both_names() {
    let refusal = refused("username,E-Mail,Mail\nann,a@x.example,b@x.example\n");
    assert_eq!(refusal.reason, "The columns “E-Mail” and “Mail” both mean email.");
    assert_eq!(refusal.line, Some(1));
}

#[test]
fn a_file_without_a_heading_or_without_a_way_to_find_people_is_refused() {
    let refusal = refused("ann,ann@x.example,Ann,Lee\nbob,bob@x.example,Bob,Lee\n");
    assert!(refusal.reason.contains("is the heading missing?"), "{}", refusal.reason);
    let refusal = refused("email,first_name\nann@x.example,Ann\n");
    assert!(refusal.reason.contains("neither a column user_id nor a column username"), "{}", refusal.reason);
}

#[test]
fn the_delimiter_is_the_one_that_gives_known_headings() {
    for (file, delimiter) in [
        ("username,last_name\n", Delimiter::Comma),
        ("username;last_name\n", Delimiter::Semicolon),
        ("username\tlast_name\n", Delimiter::Tab),
        ("username\n", Delimiter::Comma),
        ("\"user\nname\";\"last, first, or both\";email\n", Delimiter::Semicolon),
        ("notes, if any;username;email\n", Delimiter::Semicolon),
        (";;;\n;username;email\n", Delimiter::Semicolon),
        ("SEP=\t\nusername\n", Delimiter::Tab),
        ("\"sep=;\"\r\nusername\r\n", Delimiter::Semicolon),
    ] {
        assert_eq!(survey(file.as_bytes()).delimiter, delimiter, "{file:?}");
    }
}

#[test]
fn blank_lines_and_rows_are_skipped_and_lines_are_counted_as_an_editor_does() {
    for end in ["\n", "\r\n", "\r"] {
        let file = [
            "",
            "  ",
            ",,",
            "username,email,note",
            "ann,ann@x.example,\"two",
            "lines\"",
            "",
            " , ,",
            "bob,bob,,,,",
            ",,",
            "",
        ];
        let file = file.join(end);
        let lines: Vec<u64> = rows(&file).iter().map(|row| row.line).collect();
        assert_eq!(lines, [5, 9], "{end:?}");
        assert_eq!(refusals(&file), ["9 email: “bob” is not an e-mail address"], "{end:?}");
        assert_eq!(survey(file.as_bytes()).rows, 2);
    }
}

#[test]
fn a_row_may_be_shorter_than_its_heading_and_longer_by_empty_cells_only() {
    assert_eq!(record("username,email,roles\nann,ann@x.example\n").roles, Cell::Empty);
    assert_eq!(
        refusals("username,email\nann,ann@x.example,,more,\n"),
        ["2 -: “more” is a value too many: the heading has 2 columns"]
    );
}
