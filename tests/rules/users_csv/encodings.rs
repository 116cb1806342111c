use headroom::domain::users_csv::{Cell, DateOrder};

use super::{read, record, refused, rows, spreadsheet, survey};

/// Username, first and last name of each row, as they were read.
fn names(file: &[u8]) -> Vec<String> {
    let text = |cell: Cell<String>| cell.value().unwrap();
    rows(file)
        .into_iter()
        .map(|row| row.record.unwrap())
        .map(|row| format!("{} {} {}", text(row.username), text(row.first_name), text(row.last_name)))
        .collect()
}

#[test]
fn what_spreadsheets_write_is_read_and_said_to_be_what_it_is() {
    let german = ["jmueller Jürgen Müller", "rgross Renée Groß"];
    let plain = ["zoe Zoë O'Neill, Jr", "łukasz Łukasz Nowak \"Lu\""];
    for (name, label, people) in [
        ("excel-german.csv", "CSV, Windows-1252 (Western European), semicolon", german),
        ("excel-macintosh.csv", "CSV, Mac OS Roman, semicolon", german),
        ("excel-sep.csv", "CSV, Windows-1252 (Western European), semicolon", german),
        ("excel-utf8.csv", "CSV, UTF-8 with byte-order mark, comma", plain),
        ("excel-unicode-text.txt", "CSV, UTF-16, little-endian, with byte-order mark, tab", plain),
        ("google-sheets.csv", "CSV, UTF-8, comma", plain),
        ("libreoffice.csv", "CSV, UTF-8, comma", plain),
        ("numbers.csv", "CSV, UTF-8, semicolon", plain),
    ] {
        let file = spreadsheet(name);
        assert_eq!(survey(&file).label(), label, "{name}");
        assert_eq!(survey(&file).rows, 2, "{name}");
        assert_eq!(names(&file), people, "{name}");
    }
}

#[test]
fn the_german_file_has_its_dates_columns_and_lines() {
    let file = spreadsheet("excel-sep.csv");
    let survey = survey(&file);
    assert_eq!(survey.date_order, DateOrder::DayFirst);
    assert_eq!(survey.columns.ignored, ["Cost centre"]);
    let rows = rows(&file);
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 4]);
    let record = rows[1].record.clone().unwrap();
    assert_eq!(record.account_expires_on.value().unwrap().to_string(), "2027-01-05");
    assert_eq!(record.organisation, Cell::Value("Acme > Köln".to_owned()));
    assert!(matches!(record.roles, Cell::Absent));
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn utf_16_is_known_by_its_mark_or_by_its_nuls() {
    let text = "username,first_name\r\nann,Zoë\r\n";
    for (file, label) in [
        (utf16(text, u16::to_le_bytes), "UTF-16, little-endian"),
        (utf16(text, u16::to_be_bytes), "UTF-16, big-endian"),
        (utf16(&format!("\u{feff}{text}"), u16::to_be_bytes), "UTF-16, big-endian, with byte-order mark"),
    ] {
        assert_eq!(survey(&file).encoding.label(), label);
        assert_eq!(record(&file).first_name, Cell::Value("Zoë".to_owned()), "{label}");
    }
}

#[test]
fn utf_16_that_is_cut_in_the_middle_is_refused_with_its_line() {
    let mut file = utf16("\u{feff}username\nann\nzoë", u16::to_le_bytes);
    file.pop();
    assert_eq!(refused(&file).line, Some(3));
}

#[test]
fn western_names_are_read_as_windows_1252_even_when_there_is_one_only() {
    for name in ["Jürgen", "Renée", "Søren", "Åsa", "Iñigo", "João", "Zoë", "Müller-Groß", "Brontë", "O’Brien", "Ÿves"]
    {
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(name);
        let file = [b"username,first_name\nann,".as_slice(), &bytes, b"\nbob,Bob\n"].concat();
        assert_eq!(survey(&file).encoding.label(), "Windows-1252 (Western European)", "{name}");
        assert_eq!(rows(&file)[0].record.clone().unwrap().first_name, Cell::Value(name.to_owned()));
    }
}

#[test]
fn other_encodings_are_found_out_where_the_text_is_enough_to_tell() {
    for (encoding, names) in [
        (encoding_rs::WINDOWS_1251, "Иван Петров,Мария Иванова,Алексей Смирнов,Наталья Кузнецова"),
        (
            encoding_rs::WINDOWS_1250,
            "Paweł Wiśniewski,Łukasz Wójcik,Małgorzata Dąbrowska,Zbigniew Żółkiewski,Kościuszko Gałęza",
        ),
        (encoding_rs::SHIFT_JIS, "山田太郎,鈴木花子,佐藤一郎,田中さくら,ひらがなカタカナ"),
        (encoding_rs::GBK, "王小明,李华,张伟,刘洋,陈静,中华人民共和国"),
    ] {
        let text = names
            .split(',')
            .enumerate()
            .fold("username,first_name\n".to_owned(), |text, (at, name)| format!("{text}u{at},{name}\n"));
        let (file, _, _) = encoding.encode(&text);
        let read: Vec<String> =
            rows(&file).into_iter().map(|row| row.record.unwrap().first_name.value().unwrap()).collect();
        assert_eq!(read.join(","), names, "{}", survey(&file).label());
    }
}

#[test]
fn utf_8_with_a_line_that_is_not_is_refused_with_that_line() {
    let file = b"username,first_name\nann,Zo\xc3\xab\nbob,J\xfcrgen\ncid,Ren\xc3\xa9e\n";
    let refusal = refused(file);
    assert_eq!(refusal.line, Some(3));
    assert!(refusal.reason.contains("UTF-8"), "{}", refusal.reason);
    // a letter that is cut at the end, after a mark that says what it should be
    assert_eq!(refused(b"\xef\xbb\xbfusername\nzo\xc3").line, Some(2));
}

#[test]
fn bytes_that_stand_for_nothing_are_refused() {
    let refusal = refused(b"username,first_name\nann,J\xfcrgen\nbob,M\x81ller\n");
    assert_eq!(refusal.line, Some(3), "{refusal:?}");
}

#[test]
fn nuls_are_refused() {
    assert_eq!(refused(b"username,first_name\nann,Ann\nbob,B\0b\n").line, Some(3));
}

#[test]
fn a_letter_of_several_bytes_may_lie_across_two_portions() {
    // whatever the position, one file has a letter at the end of a portion of 64 KiB
    for shift in 0..3 {
        let name = "é".repeat(40);
        let text = format!("username,first_name{}\n{}", " ".repeat(shift), format!("ann,{name}\n").repeat(1000));
        let rows = rows(&text);
        assert_eq!(rows.len(), 1000);
        let expected = Cell::Value(name);
        assert!(rows.iter().all(|row| row.record.as_ref().unwrap().first_name == expected));
    }
}

#[test]
fn a_file_that_changed_after_its_survey_is_refused() {
    let survey = survey(b"username\nann\n");
    let mut rows = headroom::domain::users_csv::open(b"username\nann\n\xff\n".as_slice(), &survey).unwrap();
    assert!(rows.next().unwrap().is_ok());
    assert_eq!(rows.next().unwrap().unwrap_err().line, Some(3));
    assert!(rows.next().is_none());
}

#[test]
fn an_empty_file_is_refused_and_a_heading_alone_is_not() {
    for empty in ["", "\r\n\r\n", "\u{feff}", " \n,,,\n"] {
        assert_eq!(refused(empty).reason, "The file is empty.", "{empty:?}");
    }
    assert_eq!(read(b"username,email\r\n").unwrap(), []);
}
