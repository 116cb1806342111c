//! Dates and times in mail, as its reader writes them: the month and the order of the reader's language, in the
//! reader's time zone. The text around them is English.

use chrono::{DateTime, Locale, NaiveDate, Utc};
use chrono_tz::Tz;

/// How somebody reads dates.
#[derive(Debug, Clone, Copy)]
pub struct Dates {
    locale: Locale,
    zone: Tz,
}

impl Dates {
    /// `language` as in an account: `de`, `pt-BR`; unknown ones, and none, read English dates. `zone`: an IANA name.
    pub fn new(language: Option<&str>, zone: &str) -> Dates {
        Dates { locale: language.and_then(locale).unwrap_or(Locale::en_GB), zone: zone.parse().unwrap_or(Tz::UTC) }
    }

    /// `24 November 2026`, `24. November 2026`.
    pub fn day(&self, day: NaiveDate) -> String {
        let pattern = match self.locale {
            Locale::en_US => "%B %-d, %Y",
            Locale::de_DE
            | Locale::de_AT
            | Locale::de_CH
            | Locale::da_DK
            | Locale::nb_NO
            | Locale::fi_FI
            | Locale::cs_CZ => "%-d. %B %Y",
            Locale::es_ES | Locale::es_MX | Locale::pt_BR | Locale::pt_PT => "%-d de %B de %Y",
            Locale::ja_JP | Locale::zh_CN | Locale::zh_TW => "%Y年%-m月%-d日",
            _ => "%-d %B %Y",
        };
        day.format_localized(pattern, self.locale).to_string()
    }

    /// `24 November 2026, 14:05 GMT`.
    pub fn moment(&self, at: DateTime<Utc>) -> String {
        let local = at.with_timezone(&self.zone);
        format!("{}, {}", self.day(local.date_naive()), local.format("%H:%M %Z"))
    }
}

/// The region that a language is mostly read in, where an account names none.
const REGIONS: [(&str, &str); 12] = [
    ("en", "GB"),
    ("da", "DK"),
    ("sv", "SE"),
    ("cs", "CZ"),
    ("ja", "JP"),
    ("zh", "CN"),
    ("ko", "KR"),
    ("el", "GR"),
    ("uk", "UA"),
    ("no", "NO"),
    ("he", "IL"),
    ("hi", "IN"),
];

fn locale(language: &str) -> Option<Locale> {
    let mut parts = language.split(['-', '_']);
    let code = parts.next()?.to_ascii_lowercase();
    let region = match parts.next() {
        Some(region) => region.to_ascii_uppercase(),
        None => REGIONS
            .iter()
            .find(|(known, _)| *known == code)
            .map_or_else(|| code.to_ascii_uppercase(), |(_, region)| (*region).to_owned()),
    };
    let code = if code == "no" { "nb" } else { &code };
    Locale::try_from(format!("{code}_{region}").as_str()).ok()
}
