//! Two people have the same form open: whoever saves second is told what the first one made of it, and keeps what
//! they typed themselves.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::form::Field;
use super::format;
use super::viewer::Viewer;

/// A form of something that is stored. Its hidden field `version` says what it was filled with.
pub trait Versioned: Clone + Serialize + DeserializeOwned {
    /// The names of its fields with what stands beside them, in the order of the form.
    const FIELDS: &'static [(&'static str, &'static str)];

    /// Fields that make sense only with each other: who has touched one of them means all.
    const TOGETHER: &'static [&'static str] = &[];

    /// What it was filled with, by [`version()`].
    fn version(&self) -> &str;

    /// What is typed as it is compared: the same for texts that mean the same.
    fn normal(_field: &str, text: String) -> String {
        text
    }

    /// A field with what stands in it.
    fn field(&self, name: &'static str) -> Field {
        let text = texts(self).get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Field::new(name, Self::label(name), &text)
    }

    /// What was sent, to be sent again, but for what is not to stand in a page.
    fn sent(&self) -> Vec<(String, String)> {
        let text = |(field, text): (String, Value)| Some((field, text.as_str()?.to_owned()));
        texts(self).into_iter().filter_map(text).collect()
    }

    /// What stands beside a field.
    fn label(name: &str) -> &'static str {
        Self::FIELDS.iter().find(|(field, _)| *field == name).map_or("", |(_, label)| label)
    }
}

/// Of a form as it is filled with what is stored: digests, so that a long text is not sent twice. `state` is what is
/// stored, of which the fields may show only a part.
pub fn version<F: Versioned>(filled: &F, state: &impl Serialize) -> String {
    let texts = texts(filled);
    let fields = F::FIELDS.iter().map(|(field, _)| (*field, digest(&text::<F>(&texts, field))));
    let digests: BTreeMap<&str, String> = fields.chain([(STATE, digest(&json!(state).to_string()))]).collect();
    json!(digests).to_string()
}

/// Where a version has the digest of all that is stored.
const STATE: &str = "";

/// Was this version made from what is stored now?
pub fn is_current(version: &str, state: &impl Serialize) -> bool {
    digests(version).get(STATE) == Some(&digest(&json!(state).to_string()))
}

fn digests(version: &str) -> BTreeMap<String, String> {
    serde_json::from_str(version).unwrap_or_default()
}

/// What was typed, as if the form had been filled with what is stored now: a field that nobody has touched takes the
/// stored value.
pub struct Merged<F> {
    /// The form, of the version that is stored.
    pub form: F,
    /// What they changed and was left as it was, by what stands beside it.
    pub taken_over: Vec<&'static str>,
    /// Where the form differs from what is stored.
    pub differing: Vec<Differing>,
}

/// A field where two versions differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    /// The field's name.
    pub field: &'static str,
    /// What stands beside it.
    pub label: &'static str,
    /// What is stored now.
    pub stored: String,
    /// What was typed.
    pub entered: String,
}

/// Brings what was typed and what is stored now together.
pub fn merged<F: Versioned>(typed: &F, stored: &F) -> Merged<F> {
    let digests = digests(typed.version());
    let (mut form, now) = (texts(typed), texts(stored));
    let touched = |form: &Texts, field: &str| {
        let was_sent = form.get(field).is_some_and(Value::is_string);
        was_sent && digests.get(field) != Some(&digest(&text::<F>(form, field)))
    };
    let together = F::TOGETHER.iter().any(|field| touched(&form, field));
    let (mut taken_over, mut differing) = (Vec::new(), Vec::new());
    for (field, label) in F::FIELDS {
        let (entered, stored) = (text::<F>(&form, field), text::<F>(&now, field));
        if entered == stored {
            continue;
        }
        let was_sent = form.get(*field).is_some_and(Value::is_string);
        if touched(&form, field) || (was_sent && together && F::TOGETHER.contains(field)) {
            differing.push(Differing { field, label, stored, entered });
            continue;
        }
        form.insert((*field).to_owned(), now.get(*field).cloned().unwrap_or_default());
        if was_sent {
            taken_over.push(*label);
        }
    }
    form.insert("version".to_owned(), json!(stored.version()));
    let form = serde_json::from_value(Value::Object(form)).unwrap_or_else(|_| typed.clone());
    Merged { form, taken_over, differing }
}

type Texts = serde_json::Map<String, Value>;

fn texts<F: Versioned>(form: &F) -> Texts {
    match json!(form) {
        Value::Object(texts) => texts,
        _ => Texts::new(),
    }
}

/// As it is compared: browsers end lines with CR LF, and people type blanks at the end.
fn text<F: Versioned>(texts: &Texts, field: &str) -> String {
    let text = texts.get(field).and_then(Value::as_str).unwrap_or_default().replace("\r\n", "\n").trim().to_owned();
    F::normal(field, text)
}

fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The last change of something: when, and by whom, if the reader may know.
#[derive(Debug, Clone)]
pub struct LastChange {
    /// When.
    pub at: DateTime<Utc>,
    /// First and last name.
    pub actor: Option<String>,
    /// It was the reader, in another window.
    pub is_reader: bool,
}

/// What stands above the form, with `templates/macros.html`.
#[derive(Debug)]
pub struct Meanwhile {
    /// Who and when, and what else there is to say.
    pub told: Vec<String>,
    /// Where the versions differ.
    pub differing: Vec<Differing>,
}

impl Meanwhile {
    /// About "this tier" or the like. What is typed into choices and boxes has its words by `words`, which takes a
    /// field's name and what stands in it.
    pub fn new<F>(
        thing: &str,
        last: Option<&LastChange>,
        viewer: &Viewer,
        merged: &Merged<F>,
        words: impl Fn(&str, &str) -> String,
    ) -> Meanwhile {
        let who = match last {
            Some(LastChange { at, actor, is_reader }) => {
                let at = format::moment(*at, viewer.time_zone);
                match actor.as_deref().filter(|_| !is_reader) {
                    Some(who) => format!("{who} changed {thing} on {at}, while you had it open."),
                    None if *is_reader => format!("You changed {thing} on {at}, in another window."),
                    None => format!("Somebody else changed {thing} on {at}, while you had it open."),
                }
            }
            None => format!("Somebody else changed {thing} while you had it open."),
        };
        let mut told = vec![format!("{who} Nothing of yours is saved yet.")];
        if !merged.taken_over.is_empty() {
            let labels = merged.taken_over.join(", ");
            told.push(format!("Taken over from that version: {labels}."));
        }
        let worded = |field: &str, text: &str| match (text.parse::<NaiveDate>(), words(field, text)) {
            (Ok(date), _) => format::day(date),
            (_, words) if words.is_empty() => "empty".to_owned(),
            (_, words) => words,
        };
        let differing = merged.differing.iter().map(|differing| Differing {
            stored: worded(differing.field, &differing.stored),
            entered: worded(differing.field, &differing.entered),
            ..differing.clone()
        });
        Meanwhile { told, differing: differing.collect() }
    }

    /// With something else that has happened.
    #[must_use]
    pub fn and(mut self, told: impl Into<String>) -> Meanwhile {
        self.told.push(told.into());
        self
    }
}
