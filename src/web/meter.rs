//! A license bar with its figures: the four columns that every list of licenses has.

use crate::domain::license::{self, Percentage, Used, UserLimit};
use crate::web::format::{grouped, grouped_count};

/// The pool that a row without a limit of its own draws on.
#[derive(Debug, Clone, Copy)]
pub struct Share<'p> {
    /// Whose pool it is; `None` when the reader may not know.
    pub owner: Option<&'p str>,
    /// Its limit.
    pub limit: UserLimit,
    /// Active users in all of it.
    pub used: Used,
}

/// Figures, ready to show.
#[derive(Debug)]
pub struct Usage {
    /// "5,000", "shared" or "no limit".
    pub limit: String,
    /// The limit is its own.
    pub own_limit: bool,
    /// "4,312".
    pub used: String,
    /// "688", "−34", or nothing without a limit of its own.
    pub remaining: String,
    /// The bar, unless there is no limit anywhere.
    pub bar: Option<Bar>,
    /// Active users beyond its own limit.
    pub over_by: Option<u64>,
}

/// A `<meter>` and its text.
#[derive(Debug)]
pub struct Bar {
    /// The end of the scale, at least 1.
    pub max: u64,
    /// From here on the bar is amber: 80 %. A decimal number, so that it lies within a scale of 1.
    pub low: String,
    /// From here on the bar is red: 95 %.
    pub high: String,
    /// How far it is filled; full from 100 % on.
    pub value: u64,
    /// For whoever cannot see the bar: "4,312 of 5,000".
    pub text: String,
    /// Beside the bar: "86.2 %", "103.8 %, over by 34".
    pub label: String,
    /// Whose pool the bar shows, when it is not the row's own: "shared with Acme Group".
    pub shared_with: Option<String>,
    /// The figures are beyond the limit.
    pub over: bool,
}

impl Usage {
    /// For a row with its own limit, or a share in a pool, or neither.
    pub fn new(limit: Option<UserLimit>, used: Used, share: Option<Share<'_>>) -> Usage {
        let used_text = grouped_count(used.0);
        match (limit, share) {
            (Some(limit), _) => Usage {
                limit: grouped(i64::from(limit.0)),
                own_limit: true,
                used: used_text,
                remaining: grouped(license::remaining(limit, used)),
                bar: Some(Bar::new(limit, used, None)),
                over_by: license::over_by(limit, used),
            },
            (None, Some(share)) => {
                let owner = share.owner.unwrap_or("the organisation above");
                Usage {
                    limit: "shared".to_owned(),
                    own_limit: false,
                    used: used_text,
                    remaining: String::new(),
                    bar: Some(Bar::shared(share, format!("shared with {owner}"))),
                    over_by: None,
                }
            }
            (None, None) => Usage::without_bar("no limit", used_text),
        }
    }

    fn without_bar(limit: &str, used: String) -> Usage {
        Usage { limit: limit.to_owned(), own_limit: false, used, remaining: String::new(), bar: None, over_by: None }
    }
}

impl Bar {
    /// Of a pool that the reader may not see, the percentage is told and no figure beyond it.
    fn shared(share: Share<'_>, with: String) -> Bar {
        let mut bar = Bar::new(share.limit, share.used, Some(with));
        if share.owner.is_none() {
            bar.label = match license::percentage(share.limit, share.used) {
                Percentage::Over => "over".to_owned(),
                percentage => format!("{percentage} %"),
            };
            let tenths = match license::percentage(share.limit, share.used) {
                Percentage::Tenths(tenths) => tenths.min(1000),
                Percentage::Over => 1000,
            };
            bar = Bar {
                max: 1000,
                low: "800".to_owned(),
                high: "950".to_owned(),
                value: tenths,
                text: bar.label.clone(),
                ..bar
            };
        }
        bar
    }

    fn new(limit: UserLimit, used: Used, shared_with: Option<String>) -> Bar {
        let max = u64::from(limit.0).max(1);
        let over = license::over_by(limit, used);
        let label = match (license::percentage(limit, used), over) {
            (Percentage::Over, Some(over)) => format!("over by {}", grouped_count(over)),
            (percentage, Some(over)) => format!("{percentage} %, over by {}", grouped_count(over)),
            (percentage, None) => format!("{percentage} %"),
        };
        Bar {
            max,
            low: percent_of(max, 80),
            high: percent_of(max, 95),
            value: used.0.min(max),
            text: format!("{} of {}", grouped_count(used.0), grouped(i64::from(limit.0))),
            label,
            shared_with,
            over: over.is_some(),
        }
    }
}

/// `80` percent of `3` is `2.40`.
fn percent_of(max: u64, percent: u64) -> String {
    let hundredths = u128::from(max) * u128::from(percent);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
