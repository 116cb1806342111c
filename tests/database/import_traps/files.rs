//! What spreadsheets do to a file.

use std::io::{Cursor, Write};

use diesel::prelude::*;
use headroom::features::imports::commands::Applied;
use headroom::schema::users;

use super::{EAST, Place, Plan, TOP, place};

/// Everybody is matched, and stays as they are.
fn check_unchanged(place: &Place, what: &str, plan: &Plan) {
    assert_eq!(plan.refusal, None, "{what}");
    assert_eq!((plan.figures(), plan.objections()), ([0; 5], &[][..]), "{what}: {:?}", place.refused(plan));
    assert_eq!(plan.counts.unchanged, (EAST + TOP) as u64, "{what}");
}

/// With letters that are different in every encoding, and cells that a spreadsheet would run.
fn with_names() -> Place {
    let place = place();
    place.run("update users set first_name = 'Zoë', last_name = 'Müller-Ødegård' where username = 'east-3'");
    place.run("update users set first_name = '=1+1', last_name = '@SUM(A1:A9)' where username = 'east-4'");
    place.run("update users set first_name = '''-quoted', last_name = '''t Hooft' where username = 'east-5'");
    place
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
}

fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect()
}

#[test]
fn a_byte_order_mark_changes_nobody() {
    let place = with_names();
    let file = format!("\u{feff}{}", place.export(place.acme).csv());
    check_unchanged(&place, "with a mark", &place.synchronize(file));
}

#[test]
fn utf_16_changes_nobody() {
    let place = with_names();
    let file = place.export(place.acme).written(b'\t', "\r\n");
    check_unchanged(&place, "little-endian", &place.synchronize(utf16(&file, u16::to_le_bytes)));
    check_unchanged(&place, "big-endian", &place.synchronize(utf16(&file, u16::to_be_bytes)));
}

#[test]
fn windows_1252_changes_nobody() {
    let place = with_names();
    let file = windows_1252(&place.export(place.acme).written(b';', "\r\n"));
    assert!(std::str::from_utf8(&file).is_err());
    check_unchanged(&place, "Windows-1252", &place.synchronize(file));
}

#[test]
fn semicolons_tabs_and_other_line_ends_change_nobody() {
    let place = with_names();
    let sheet = place.export(place.acme);
    for delimiter in [b',', b';', b'\t'] {
        for end in ["\n", "\r\n", "\r"] {
            let what = format!("{:?} {end:?}", char::from(delimiter));
            check_unchanged(&place, &what, &place.synchronize(sheet.written(delimiter, end)));
        }
    }
}

#[test]
fn empty_rows_and_columns_at_the_end_are_nobody() {
    let place = with_names();
    let csv = place.export(place.acme).csv();
    let wide: String = csv.lines().map(|line| format!("{line},,,\r\n")).collect();
    let empty = ",".repeat(14);
    check_unchanged(&place, "empty", &place.synchronize(format!("{wide}{empty}\r\n\r\n{empty}\r\n\r\n")));
}

#[test]
fn a_quoted_line_break_is_a_part_of_its_cell_and_lines_are_those_of_an_editor() {
    let place = place();
    let file = "username,notes,email,first_name,last_name\r\n\
                east-0,\"moved\r\nin \"\"May\"\"\",east-0@people.example,Test,east-0\r\n\
                east-1,,nonsense,Test,east-1\r\n\
                east-2,,east-2@people.example,Test,\"of\r\ntwo lines\"\r\n";
    let plan = place.import(place.east, false, file);
    assert_eq!(plan.figures(), [0, 0, 0, 0, 2]);
    assert_eq!(plan.counts.unchanged, 1);
    let refused = place.refused(&plan);
    assert_eq!(
        refused,
        ["4 email: is not an e-mail address", "5 last_name: contains a line break; is a quote missing?"]
    );
}

#[test]
fn cells_that_look_like_formulas_come_back_as_they_were() {
    let place = with_names();
    let sheet = place.export(place.acme);
    assert!(sheet.csv().contains(",'=1+1,'@SUM(A1:A9),") && sheet.csv().contains(",''-quoted,'t Hooft,"));
    check_unchanged(&place, "escaped", &place.synchronize(sheet.csv()));
    // a spreadsheet that takes the apostrophe for its own writes the file without it
    let bare = sheet.csv().replace(",'=1+1,'@SUM", ",=1+1,@SUM");
    check_unchanged(&place, "bare", &place.synchronize(bare));

    let new = "username,email,first_name,last_name\r\nnew,new@x.example,'=2+5,'+44\r\n";
    let plan = place.import(place.east, false, new);
    assert_eq!(place.apply(&plan), Applied::Done);
    let named: (String, String) = users::table
        .filter(users::username.eq("new"))
        .select((users::first_name, users::last_name))
        .first(&mut place.conn())
        .unwrap();
    assert_eq!(named, ("=2+5".to_owned(), "+44".to_owned()));
}

/// A workbook with these texts, byte for byte, which programs that write workbooks would escape.
fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let cell = |text: &&str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let row = |cells: &&[&str]| format!("<row>{}</row>", cells.iter().map(cell).collect::<String>());
    let sheet = rows.iter().map(row).collect::<String>();
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let link = |kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{office}/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let parts = [
        ("_rels/.rels", link("officeDocument", "xl/workbook.xml")),
        ("xl/_rels/workbook.xml.rels", link("worksheet", "worksheets/sheet1.xml")),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"Users\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{main}\"><sheetData>{sheet}</sheetData></worksheet>")),
    ];
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn letters_that_a_code_page_does_not_have_are_missed() {
    let place = place();
    place.run("update users set first_name = 'Aydın', last_name = 'Dvořák' where username = 'east-1'");
    place.run("update users set first_name = 'Who?' where username = 'east-2'");
    let sheet = place.export(place.acme);
    let line = sheet.line("east-1");
    let spoilt = sheet.with("east-1", "first_name", "Ayd?n").with("east-1", "last_name", "Dvo?ák");
    let plan = place.synchronize(spoilt.csv());
    let save = "Save the file as CSV UTF-8.";
    let refused = [
        format!("{line} first_name: A letter seems to be lost where the ? is: it was “Aydın”. {save}"),
        format!("{line} last_name: A letter seems to be lost where the ? is: it was “Dvořák”. {save}"),
    ];
    assert_eq!((plan.figures(), place.refused(&plan)), ([0, 0, 0, 0, 1], refused.to_vec()));
    let plan = place.import(
        place.acme,
        false,
        "username,email,first_name,last_name\r\nd?m,d@x.example,Dvo,Dim\r\neast-2,east-2@people.example,Who?,Test\r\n",
    );
    assert_eq!(plan.figures()[4], 1, "{:?}", place.refused(&plan));
    assert!(place.refused(&plan)[0].starts_with("2 username: A letter seems to be lost where the ? is."));
    // each with its own letters, and yet one thing to mend
    let plan = place.import(place.acme, false, "username,last_name\r\neast-1,TraorÃ©\r\neast-3,Ã…se\r\neast-4,D?m\r\n");
    let causes: Vec<_> = plan.counts.causes.iter().map(|cause| (cause.rows, cause.reason.as_str())).collect();
    let opened = "is … read in a wrong encoding. Open the export as UTF-8 (Excel: Data > From Text/CSV, file origin 65001; \
                  LibreOffice: character set UTF-8) and make your changes again there";
    assert_eq!(causes[0], (2, opened));
}

#[test]
fn accents_that_macos_writes_apart_change_nobody() {
    let place = place();
    place.run("update organisations set name = 'Zürich' where name = 'East'");
    place.run("update users set last_name = 'Traoré' where username = 'east-1'");
    place.run("update users set last_name = normalize('Traoré', nfd) where username = 'east-2'");
    let sheet = place.export(place.acme);
    assert!(sheet.csv().contains("Traore\u{301}"), "one is stored apart");
    let apart = sheet.csv().replace('é', "e\u{301}").replace('ü', "u\u{308}");
    for file in [sheet.csv(), apart] {
        assert_eq!(place.synchronize(file).figures(), [0; 5]);
    }
    place.run("update organisations set name = normalize('Zürich', nfd) where name = 'Zürich'");
    for file in [place.export(place.acme).csv(), sheet.csv()] {
        assert_eq!(place.synchronize(file).figures(), [0; 5]);
    }
}

#[test]
fn a_nul_in_a_workbook_refuses_its_row_and_the_others_are_taken() {
    let place = place();
    let long = format!("\0{}", "x".repeat(10_001));
    let heading = [
        "user_id",
        "username",
        "email",
        "first_name",
        "last_name",
        "organisation",
        "roles",
        "expires on",
        "shoe\0size",
    ];
    let whole = ["", "new", "new@x.example", "New", "User", "Acme", "user_manager", "2027-01-01", "44\0"];
    let mut rows: Vec<Vec<&str>> = vec![heading.to_vec(), whole.to_vec()];
    let spoilt = ["\0", "a\0b", "a\0b@x.example", "\0N", "U\0", "Ac\0me", "user\0_manager", "2027\0-01-01", &long];
    let others: Vec<[String; 2]> = (0..9).map(|at| [format!("other-{at}"), format!("{at}@x.example")]).collect();
    for ((column, spoilt), [username, email]) in spoilt.into_iter().enumerate().zip(&others) {
        let mut row = whole.to_vec();
        (row[1], row[2]) = (username, email);
        row[column] = spoilt;
        rows.push(row);
    }
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let plan = place.import(place.acme, false, workbook(&rows));
    assert_eq!((plan.refusal.as_deref(), plan.figures()), (None, [1, 0, 0, 0, 9]), "{:?}", place.refused(&plan));
    let columns: Vec<String> =
        place.refused(&plan).iter().map(|told| told.split(':').next().unwrap().to_owned()).collect();
    assert_eq!(
        columns,
        [
            "3 user_id",
            "4 username",
            "5 email",
            "6 first_name",
            "7 last_name",
            "8 organisation",
            "9 roles",
            "10 expires on",
            "11 shoesize"
        ]
    );
    assert_eq!((place.apply(&plan), place.usernames().contains(&"new".to_owned())), (Applied::Done, true));
    // in the heading alone, and in what refuses a whole file
    let refused = place.import(place.acme, false, workbook(&[&["shoe\0size", "\0"], &["44", "\0"]]));
    assert!(refused.refusal.is_some());
}
