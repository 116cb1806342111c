//! Two versions of a form brought together, against the table that says what becomes of a field.

use headroom::web::meanwhile::{Versioned, is_current, merged, version};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Form {
    name: String,
    note: Option<String>,
    version: String,
}

impl Versioned for Form {
    const FIELDS: &'static [(&'static str, &'static str)] = &[("name", "Name"), ("note", "Note")];

    fn version(&self) -> &str {
        &self.version
    }
}

fn filled(name: &str, note: &str) -> Form {
    let mut form = Form { name: name.to_owned(), note: Some(note.to_owned()), version: String::new() };
    form.version = version(&form, &[name, note]);
    form
}

fn texts() -> impl Strategy<Value = (String, String)> {
    ("[ab]{0,2}", "[ab]{0,1}(\n[ab])?")
}

/// Of one field: what stands in it then, and whether it was taken over or differs.
fn expected(before: &str, typed: &str, now: &str) -> (String, bool, bool) {
    match (typed == before, typed == now) {
        (_, true) => (now.to_owned(), false, false),
        (true, false) => (now.to_owned(), true, false),
        (false, false) => (typed.to_owned(), false, true),
    }
}

proptest! {
    #[test]
    fn what_nobody_touched_follows_and_what_was_typed_stays(before in texts(), typed in texts(), now in texts()) {
        let opened = filled(&before.0, &before.1);
        // as browsers send it
        let sent = Form { name: format!("{} ", typed.0), note: Some(typed.1.replace('\n', "\r\n")), ..opened.clone() };
        let stored = filled(&now.0, &now.1);
        let result = merged(&sent, &stored);
        let (name, note) = (expected(&before.0, &typed.0, &now.0), expected(before.1.trim(), typed.1.trim(), now.1.trim()));
        prop_assert_eq!(result.form.name.trim(), name.0);
        let left = result.form.note.unwrap_or_default().replace("\r\n", "\n");
        prop_assert_eq!(left.trim(), note.0);
        prop_assert_eq!(&result.form.version, &stored.version);
        let labels = |name: bool, note: bool| [(name, "Name"), (note, "Note")].into_iter().filter(|it| it.0).map(|it| it.1);
        prop_assert_eq!(result.taken_over, labels(name.1, note.1).collect::<Vec<_>>());
        prop_assert_eq!(
            result.differing.iter().map(|it| it.label).collect::<Vec<_>>(),
            labels(name.2, note.2).collect::<Vec<_>>()
        );
        prop_assert_eq!(is_current(&opened.version, &[&now.0, &now.1]), before == now);
    }
}

#[test]
fn a_field_that_is_not_sent_stays_and_without_a_version_everything_was_typed() {
    let stored = filled("b", "stored");
    let sent = Form { name: "a".to_owned(), note: None, version: String::new() };
    let result = merged(&sent, &stored);
    assert_eq!((result.form.name.as_str(), result.form.note.as_deref()), ("a", Some("stored")));
    assert_eq!((result.taken_over.len(), result.differing.len()), (0, 1));
}
