use headroom::domain::csv_text::{escape, unescape};
use proptest::prelude::*;

#[test]
fn formulas_are_defused_and_names_with_an_apostrophe_are_not_touched() {
    assert_eq!(escape("=1+1"), "'=1+1");
    assert_eq!(escape("@SUM(A1)"), "'@SUM(A1)");
    assert_eq!(escape("'=x"), "''=x");
    assert_eq!(escape("''"), "'''");
    assert_eq!(escape("'t Hooft"), "'t Hooft");
    assert_eq!(unescape("'t Hooft"), "'t Hooft");
    assert_eq!(unescape("'=1+1"), "=1+1");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn every_text_comes_back(text in prop_oneof![any::<String>(), "['=+@\\-\t\r\n\0 a]{0,6}"]) {
        let written = escape(&text);
        prop_assert_eq!(unescape(&written), &text);
    }

    #[test]
    fn nothing_written_begins_a_formula(text in prop_oneof![any::<String>(), "['=+@\\-\t\r\n\0 a]{0,6}"]) {
        let written = escape(&text);
        prop_assert!(!written.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0']));
    }
}
