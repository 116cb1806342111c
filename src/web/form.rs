//! Forms and the queries of addresses: fields that repeat, and what was typed beside what is wrong with it.

use std::future::{Future, Ready, ready};
use std::pin::Pin;

use crate::domain::characters::is_disturbing;
use actix_web::dev::Payload;
use actix_web::error::ErrorPayloadTooLarge;
use actix_web::web::{Bytes, Payload as Whole};
use actix_web::{FromRequest, HttpRequest};
use chrono::{Datelike, NaiveDate};
use memchr::memmem;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;

use crate::error::AppError;
use crate::web::format;

/// The fields of a form that was sent, where a field may repeat (a tick for each row).
#[derive(Debug)]
pub struct Sent<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Sent<T> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = Bytes::from_request(request, payload);
        Box::pin(async move {
            let fields = decoded(&body.await?);
            fields.map(Sent).map_err(|error| unreadable("form", &error).into())
        })
    }
}

/// The fields of a form from the bytes of a request, for a form that is read in parts.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, AppError> {
    decoded(body).map_err(|error| unreadable("form", &error))
}

/// The fields of what was sent. No text of PostgreSQL has the character 0, and no keyboard: it becomes the next one, which
/// is refused or left out like any other control character.
fn decoded<T: DeserializeOwned>(sent: &[u8]) -> Result<T, serde_html_form::de::Error> {
    if !sent.contains(&0) && memmem::find(sent, b"%00").is_none() {
        return serde_html_form::from_bytes(sent);
    }
    let mut sent = sent.to_vec();
    for at in 0..sent.len() {
        if sent[at] == 0 {
            sent[at] = 1;
        } else if sent[at..].starts_with(b"%00") {
            sent[at + 2] = b'1';
        }
    }
    serde_html_form::from_bytes(&sent)
}

/// A date as browsers send it; none when the field is empty.
pub fn date(text: &str) -> Result<Option<NaiveDate>, &'static str> {
    const UNREADABLE: &str = "Enter a date as year, month and day, such as 2026-11-23.";
    const TOO_FAR: &str = "Enter a date from 1900 to 9998.";
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| UNREADABLE)?;
    if (1900..=9998).contains(&date.year()) { Ok(Some(date)) } else { Err(TOO_FAR) }
}

/// A whole number that was typed to confirm it, also as people write it: `1,340`, `1.340`, `1 340` and `1’340`.
pub fn number(text: &str) -> Option<u64> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, ',' | '.' | '’' | '\'')).collect();
    digits.parse().ok()
}

/// An amount of money, like `31,200.00` or `31200`; none when the field is empty.
pub fn amount(text: &str) -> Result<Option<Decimal>, &'static str> {
    const UNREADABLE: &str = "Enter an amount such as 31,200.00 or 31200, with at most two decimals.";
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let (whole, cents) = text.split_once('.').unwrap_or((text, "00"));
    let digits = digits_of(whole).filter(|digits| digits.len() <= 10).ok_or(UNREADABLE)?;
    if !(1..=2).contains(&cents.len()) || !cents.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(UNREADABLE);
    }
    format!("{digits}.{cents:0<2}").parse().map(Some).map_err(|_| UNREADABLE)
}

/// How many, like `1,000` or `1000`, up to a billion; none when the field is empty.
pub fn count(text: &str) -> Result<Option<i32>, &'static str> {
    const UNREADABLE: &str = "Enter a whole number such as 1,000 or 1000, up to 1,000,000,000.";
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let digits = digits_of(text).ok_or(UNREADABLE)?;
    digits.parse().ok().filter(|count| *count <= 1_000_000_000).map(Some).ok_or(UNREADABLE)
}

/// What is typed into the fields of limits and prices, written in one way: `5500` and `5,500.00`, `gbp` and `GBP` are
/// the same.
pub fn normal_money(field: &str, text: String) -> String {
    let same = match field {
        "currency" => Some(text.to_uppercase()),
        "yearly_price" => amount(&text).ok().flatten().map(format::amount),
        "user_limit" => count(&text).ok().flatten().map(|count| count.to_string()),
        _ => None,
    };
    same.unwrap_or(text)
}

/// The digits of a whole number without separators, or with one after every third from the right.
fn digits_of(text: &str) -> Option<String> {
    let groups: Vec<&str> = text.split(',').collect();
    let (first, rest) = groups.split_first()?;
    let is_grouped = rest.is_empty() || ((1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3));
    let digits = groups.concat();
    let is_number = is_grouped && !first.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(digits)
}

/// Text on one line: control characters, such as a tab from a table, become spaces.
pub fn line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if is_disturbing(c) { ' ' } else { c }).collect();
    spaced.trim().to_owned()
}

/// Bytes of a form with a text of many lines: 20,000 characters of any script, as browsers encode them.
pub const LONG_FORM: usize = 256 * 1024;

/// [`Sent`] for a form with a text of many lines.
#[derive(Debug)]
pub struct LongForm<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for LongForm<T> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = Whole::from_request(request, payload);
        Box::pin(async move {
            let body = payload.await?.to_bytes_limited(LONG_FORM).await;
            let body = body.map_err(|_| ErrorPayloadTooLarge("the form is too long"))??;
            let fields = decoded(&body);
            fields.map(LongForm).map_err(|error| unreadable("form", &error).into())
        })
    }
}

/// The query of an address, where a name may repeat.
#[derive(Debug)]
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Asked<T> {
    type Error = AppError;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let fields = decoded(request.query_string().as_bytes());
        ready(fields.map(Asked).map_err(|error| unreadable("address", &error)))
    }
}

fn unreadable(what: &str, error: &serde_html_form::de::Error) -> AppError {
    AppError::Unusable(format!("The {what} could not be read: {error}."))
}

/// What is wrong with a form, field by field, in the order of the form.
#[derive(Debug, Clone, Default)]
pub struct Problems(Vec<Problem>);

/// What is wrong with one field.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The field's name and id.
    pub field: &'static str,
    /// For the person, as a whole sentence.
    pub text: String,
}

impl Problems {
    /// A single one.
    pub fn one(field: &'static str, text: impl Into<String>) -> Problems {
        Problems(vec![Problem { field, text: text.into() }])
    }

    /// One more.
    pub fn add(&mut self, field: &'static str, text: impl Into<String>) {
        self.0.push(Problem { field, text: text.into() });
    }

    /// Nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, for the summary.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// What is wrong with this field.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|problem| problem.field == field).map(|problem| problem.text.as_str())
    }

    /// The title of the page: "Error:" in front when something is wrong.
    pub fn title(&self, title: &str) -> String {
        if self.is_empty() { title.to_owned() } else { format!("Error: {title}") }
    }
}

/// A labelled input with what was typed.
#[derive(Debug, Clone)]
pub struct Field {
    /// Name and id.
    pub name: &'static str,
    /// What stands beside it.
    pub label: &'static str,
    /// `text`, `email`, `date`, `password`.
    pub kind: &'static str,
    /// As typed.
    pub value: String,
    /// May not stay empty.
    pub required: bool,
    /// The label says "optional".
    pub optional: bool,
    /// What to enter, below it; may be empty.
    pub hint: String,
    /// The HTML attribute.
    pub autocomplete: &'static str,
    /// What is wrong with it.
    pub problem: Option<String>,
}

impl Field {
    /// An optional text.
    pub fn new(name: &'static str, label: &'static str, value: &str) -> Field {
        Field {
            name,
            label,
            kind: "text",
            value: value.to_owned(),
            required: false,
            optional: true,
            hint: String::new(),
            autocomplete: "off",
            problem: None,
        }
    }

    /// Of another kind than `text`.
    #[must_use]
    pub fn kind(self, kind: &'static str) -> Field {
        Field { kind, ..self }
    }

    /// It may not stay empty.
    #[must_use]
    pub fn required(self) -> Field {
        Field { required: true, optional: false, ..self }
    }

    /// Something else on the form may stand for it.
    #[must_use]
    pub fn or_else(self) -> Field {
        Field { optional: false, ..self }
    }

    /// What to enter.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Field {
        Field { hint: hint.into(), ..self }
    }

    /// With what is wrong with it.
    #[must_use]
    pub fn with(self, problems: &Problems) -> Field {
        Field { problem: problems.of(self.name).map(str::to_owned), ..self }
    }
}

/// A labelled choice of one of several.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Name and id.
    pub name: &'static str,
    /// What stands beside it.
    pub label: &'static str,
    /// Value, words, and whether it is chosen.
    pub options: Vec<(String, String, bool)>,
    /// What to choose, below it; may be empty.
    pub hint: String,
    /// What is wrong with it.
    pub problem: Option<String>,
    /// Something has to be chosen: the first option may be an empty one that asks for it.
    pub required: bool,
}

impl Choice {
    /// From pairs of value and words.
    pub fn new<V: Into<String>, W: Into<String>>(
        name: &'static str,
        label: &'static str,
        options: impl IntoIterator<Item = (V, W)>,
        chosen: &str,
    ) -> Choice {
        let options = options
            .into_iter()
            .map(|(value, words)| {
                let value = value.into();
                let is_chosen = value == chosen;
                (value, words.into(), is_chosen)
            })
            .collect();
        Choice { name, label, options, hint: String::new(), problem: None, required: false }
    }

    /// Something has to be chosen.
    #[must_use]
    pub fn required(self) -> Choice {
        Choice { required: true, ..self }
    }

    /// With what is wrong with it.
    #[must_use]
    pub fn with(self, problems: &Problems) -> Choice {
        Choice { problem: problems.of(self.name).map(str::to_owned), ..self }
    }
}
