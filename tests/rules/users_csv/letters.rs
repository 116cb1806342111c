//! Letters that are not those that somebody wrote.

use encoding_rs::WINDOWS_1252;
use headroom::domain::csv_text::escape;
use proptest::prelude::*;

use super::{read, record, refusals};

/// What is wrong with a last name.
fn told(name: &str) -> Vec<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["username", "last_name"]).unwrap();
    writer.write_record(["ann", &escape(name)]).unwrap();
    refusals(writer.into_inner().unwrap())
}

/// UTF-8 that was opened as Windows-1252.
fn misread(text: &str) -> String {
    WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0.into_owned()
}

/// UTF-8 that was opened as Latin-1, each byte a character.
fn misread_as_latin_1(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

#[test]
fn utf_8_that_was_read_as_windows_1252_and_saved_is_refused_with_what_it_was() {
    let expected = "2 last_name: “TraorÃ©” is “Traoré” read in a wrong encoding. Open the export as UTF-8 (Excel: Data > \
                    From Text/CSV, file origin 65001; LibreOffice: character set UTF-8) and make your changes again there";
    assert_eq!(told("TraorÃ©"), [expected]);
    for name in ["Traoré", "Rennà", "Å", "Dvořák", "Aydın", "Мария", "王小明", "Ñandú", "Ødegård", "Σ", "’t Hooft"]
    {
        for spoilt in
            [misread(name), misread_as_latin_1(name), misread(&misread(name)), format!("  {}  ", misread(name))]
        {
            let told = told(&spoilt);
            assert!(told.len() == 1 && told[0].contains(&format!("is “{name}” read in")), "{spoilt:?} {told:?}");
        }
    }
    let file = "username,email,first_name,organisation\nÃ©,Ã©@x.example,Ã©,Ã© > Ã©\n";
    assert_eq!(refusals(file).len(), 4);
}

#[test]
fn a_letter_that_was_lost_when_the_file_was_read_is_refused() {
    assert_eq!(
        told("Traor\u{fffd}"),
        [
            "2 last_name: “Traor\u{fffd}” has lost a letter where the \u{fffd} is; export again, and save the file as CSV UTF-8"
        ]
    );
}

#[test]
fn ordinary_names_in_many_languages_are_taken() {
    let names = [
        "Ångström",
        "François",
        "Müller",
        "Ñandú",
        "Ðorđe",
        "Þóra",
        "Ægir",
        "Øystein",
        "José",
        "João",
        "SÃO",
        "Çelik",
        "Aydın",
        "Dvořák",
        "Łukasz",
        "Šárka",
        "Žižek",
        "Œuvre",
        "Brontë",
        "Zoë",
        "D’Angelo",
        "O’Brien",
        "Straße",
        "Мария",
        "Γιώργος",
        "王小明",
        "さくら",
        "김민수",
        "أحمد",
        "דוד",
        "प्रिया",
        "Nguyễn",
        "Ðặng",
        "Íñigo",
        "Ó Súilleabháin",
        "Kristjánsdóttir",
        "Ülo",
        "Õnne",
        "Ģirts",
        "Žydrūnas",
        "Mađar",
        "Ștefan",
        "Ésaïe",
        "MARÍA “PÍA” ÑÚÑEZ",
        "Nº 5",
    ];
    for name in names {
        assert_eq!(told(name), [""; 0], "{name}");
    }
}

#[test]
fn a_letter_and_its_accent_are_one_character() {
    let row =
        record("username,email,first_name,organisation\nzoe\u{308},zoe\u{308}@x.example,Traore\u{301},Zu\u{308}rich\n");
    let read = [row.username, row.email, row.first_name, row.organisation].map(|cell| cell.value().unwrap());
    assert_eq!(read, ["zoë", "zoë@x.example", "Traoré", "Zürich"]);
    // as long as it looks
    assert_eq!(record(format!("username\n{}\n", "e\u{301}".repeat(150))).username.value().unwrap(), "é".repeat(150));
}

proptest! {
    #[test]
    fn any_text_that_was_read_as_windows_1252_or_latin_1_is_refused(text in "\\PC{0,6}[^\\x00-\\x9f]\\PC{0,6}") {
        let text = text.trim_matches(' ');
        for spoilt in [misread(text), misread_as_latin_1(text)] {
            let told = told(&spoilt);
            prop_assert!(told.len() == 1 && told[0].contains("read in a wrong encoding"), "{:?} {:?}", spoilt, told);
        }
    }

    #[test]
    fn words_of_western_letters_are_taken(name in "[A-Za-zÀ-ÖØ-öø-ÿ]{1,12}([ '-][A-Za-zÀ-ÖØ-öø-ÿ]{1,12})?") {
        let file = format!("username,last_name\nann,{name}\n");
        prop_assert!(read(file.as_bytes()).unwrap()[0].record.is_ok());
    }
}
