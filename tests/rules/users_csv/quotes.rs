use super::{record, refusals, refused, rows};
use headroom::domain::users_csv::Cell;

#[test]
fn quoted_cells_hold_delimiters_quotes_and_line_breaks() {
    let row = &rows("username,note\r\nann,\"a, \"\"b\"\"\r\nc\" \r\n")[0];
    assert_eq!(&row.cells[1], "a, \"b\"\r\nc");
    assert!(row.record.is_ok());
}

#[test]
fn a_quote_in_the_middle_of_a_plain_cell_is_a_character() {
    assert_eq!(record("username,last_name\nann,O\"Neill\n").last_name, Cell::Value("O\"Neill".to_owned()));
}

#[test]
fn a_quote_that_is_never_closed_refuses_the_file_and_names_its_line() {
    for file in [
        "username,note\nann,x\nbob,\"y\ncid,z\ndora,z",
        "username,note\r\rann\rbob,\"",
        "username,note\r\nann,\"two\r\nlines\",\"y\r\n",
    ] {
        let refusal = refused(file);
        assert!(refusal.reason.contains("A quote opens on this line and is not closed"), "{}", refusal.reason);
        let line = if file.contains("\r\r") { 4 } else { 3 };
        assert_eq!(refusal.line, Some(line), "{file:?}");
    }
}

#[test]
fn a_quote_that_swallows_many_lines_refuses_the_file_where_it_opened() {
    let file = format!("username,note\nann,\"x\n{}bob,\"y\"\n", "someone,z\n".repeat(200));
    assert_eq!(refused(file).line, Some(2));
    let file = format!("username,note\nann,\"x{}", " long".repeat(20_000));
    assert_eq!(refused(file).line, Some(2));
}

#[test]
fn nobody_is_swallowed_silently_by_a_missing_quote() {
    // the quote of line 2 ends where that of line 4 opens; cid would be missing from the import
    let file = "username,note\nann,\"x\ncid,y\nbob,\"z\"\ndora,ok\n";
    assert_eq!(
        refusals(file),
        ["2 -: A quote closes in the middle of a value; a quote inside a value is written twice (\"\")"]
    );
    // where it is one of ours, a line break is told as well
    assert_eq!(
        refusals("username,last_name\nann,\"x\ncid,y\"\ndora,ok\n"),
        ["2 last_name: “x\ncid,y” contains a line break; is a quote missing?"]
    );
}

#[test]
fn a_last_row_that_ends_too_early_without_a_line_end_is_refused() {
    let told = "3 -: The file ends in the middle of this row. Export or download it again; if the row is whole, add the \
                missing commas at its end";
    for cut in ["o", "olga", "olga,", "olga,o@x.example", "olga,o@x.example,Olga", "olga,o@x.example,\"Olga\""] {
        let file = format!("username,email,first_name,last_name,,\nbob,bob@x.example,Bob,Bec\n{cut}");
        assert_eq!(refusals(&file), [told], "{cut}");
        assert_eq!(rows(&file)[1].keys.username.as_deref(), cut.split_once(',').map(|(name, _)| name), "{cut}");
        let semicolons = refusals(file.replace(',', ";"));
        assert_eq!(semicolons, [told.replace("commas", "semicolons")], "{cut}");
        // with a line end the cells are empty, as they always were
        assert!(!refusals(format!("{file}\r\n")).concat().contains("ends in the middle"), "{cut}");
    }
    for whole in ["olga,o@x.example,Olga,Bec", "olga,o@x.example,Olga,", "olga,o@x.example,Olga,Bec,,", " ", ""] {
        let file = format!("username,email,first_name,last_name,,\nbob,bob@x.example,Bob,Bec\n{whole}");
        assert!(!refusals(&file).concat().contains("ends in the middle"), "{whole}");
    }
}
