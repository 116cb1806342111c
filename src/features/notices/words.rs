//! How news is said: on the list of notices and in mail. Only the dates differ.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::domain::news::{Because, News, Offer};
use crate::ids::OrganisationId;
use crate::mail::dates::Dates;
use crate::web::format::{self, counted, grouped_count};

/// A piece of news in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What happened, in one line.
    pub heading: String,
    /// What it means, and what to do.
    pub paragraphs: Vec<String>,
    /// Where to do it: what it says, and the address.
    pub links: Vec<(&'static str, String)>,
}

/// How somebody reads days and moments.
pub trait SayDates {
    /// A day.
    fn day(&self, day: NaiveDate) -> String;
    /// A moment, with its zone.
    fn moment(&self, at: DateTime<Utc>) -> String;
}

impl SayDates for Dates {
    fn day(&self, day: NaiveDate) -> String {
        self.day(day)
    }

    fn moment(&self, at: DateTime<Utc>) -> String {
        self.moment(at)
    }
}

/// Dates as on every screen, in the reader's zone.
#[derive(Debug, Clone, Copy)]
pub struct OnScreen(pub Tz);

impl SayDates for OnScreen {
    fn day(&self, day: NaiveDate) -> String {
        format::day(day)
    }

    fn moment(&self, at: DateTime<Utc>) -> String {
        format::moment(at, self.0)
    }
}

/// What a reader can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// Frees licenses.
    pub frees_licenses: bool,
    /// Sees the agreement, and what an upgrade costs.
    pub sees_agreement: bool,
}

/// `name`: of the root.
pub fn told(news: &News, root: OrganisationId, name: &str, dates: &impl SayDates, reader: Reader) -> Told {
    let (heading, paragraphs) = words(news, name, dates, reader.sees_agreement);
    let mut links = vec![("User License Report", format!("/organisations/{root}/licenses"))];
    let relieved = matches!(news, News::OverageClosed { .. } | News::Upgraded { .. });
    if !relieved && reader.frees_licenses {
        links.insert(0, ("Free up licenses", "/free-up".to_owned()));
    }
    match news {
        _ if !reader.sees_agreement => {}
        News::Upgraded { .. } => links.push(("Agreement", format!("/organisations/{root}/agreement"))),
        News::OverageClosed { .. } | News::LimitWarning { .. } | News::ReUsesWarning { .. } => {}
        _ => links.push(("Upgrade", format!("/organisations/{root}/upgrade"))),
    }
    Told { heading, paragraphs, links }
}

/// `priced`: prices are said.
fn words(news: &News, name: &str, dates: &impl SayDates, priced: bool) -> (String, Vec<String>) {
    match news {
        News::LimitWarning { percent: 100, used, limit } => (
            format!("{name} has reached its limit"),
            vec![
                figures(*used, u64::from(*limit)),
                "The next person who becomes active makes an overage. Free up licenses before that.".to_owned(),
            ],
        ),
        News::LimitWarning { percent, used, limit } => (
            format!("{name} has reached {percent} % of its limit"),
            vec![figures(*used, u64::from(*limit)), "Nothing has to be done yet.".to_owned()],
        ),
        News::LimitCrossing { on, used, allowed } => (
            format!("{name} will exceed its limit on {}", dates.day(*on)),
            vec![format!(
                "By what is scheduled, {} on that day, and {} allowed. Until then there is time to free up licenses or to \
                 upgrade.",
                are_active(*used),
                are(*allowed)
            )],
        ),
        News::OverageMinor { used, allowed, due_on } => (
            format!("{name} is over its limit by {}", over(*used, *allowed)),
            vec![
                figures(*used, *allowed),
                format!(
                    "This is a minor overage. Please lower the number of active users until the end of {}, which is ten \
                     business days, or upgrade.",
                    dates.day(*due_on)
                ),
            ],
        ),
        News::OverageOverdue { used, allowed, major_on, offer } => (
            format!("Reminder: {name} is still over its limit by {}", over(*used, *allowed)),
            [
                figures(*used, *allowed),
                format!(
                    "The ten business days are over. If nothing changes, this is a major overage from {} on.",
                    dates.day(*major_on)
                ),
            ]
            .into_iter()
            .chain(offer.as_ref().map(|offer| offered(offer, priced)))
            .collect(),
        ),
        News::OverageMajor { used, allowed, because, due_at, offer } => (
            format!("{name} has a major overage: {} over its limit", over(*used, *allowed)),
            vec![
                match because {
                    Because::Above106 => format!("{} That is more than 106 %.", figures(*used, *allowed)),
                    Because::TooLong => {
                        format!("{} That has lasted for more than 20 business days.", figures(*used, *allowed))
                    }
                },
                match offer {
                    Some(offer) => format!(
                        "If it is still so on {}, 24 hours from this notice, the agreement is upgraded to {} ({}){}.",
                        dates.moment(*due_at),
                        offer.tier,
                        counted(u64::from(offer.limit), "user", "users"),
                        if priced { format!(", for {} until the end of the license year", price(offer)) } else { String::new() }
                    ),
                    None => format!(
                        "Please lower the number of active users until {}, 24 hours from this notice. There is no higher \
                         tier that the agreement could be upgraded to.",
                        dates.moment(*due_at)
                    ),
                },
            ],
        ),
        News::OverageMinorAgain { used, allowed, due_on } => (
            format!("{name} is back to a minor overage"),
            vec![
                figures(*used, *allowed),
                format!(
                    "There will be no upgrade now. The overage is still to be dealt with until the end of {}.",
                    dates.day(*due_on)
                ),
            ],
        ),
        News::OverageClosed { used, allowed } => (
            format!("{name} is within its limit again"),
            vec![match allowed {
                Some(allowed) => figures(*used, *allowed),
                None => format!("{}, and there is no limit any more.", are_active(*used)),
            }],
        ),
        News::Upgraded { used, from_limit, to } => (
            format!("The agreement of {name} is upgraded to {}", to.tier),
            [format!(
                "The major overage was not resolved within 24 hours. The limit is {} now, {} before; {}.",
                grouped_count(u64::from(to.limit)),
                grouped_count(u64::from(*from_limit)),
                are_active(*used)
            )]
            .into_iter()
            .chain(priced.then(|| format!("The price until the end of the license year is {}.", price(to))))
            .collect(),
        ),
        News::NoHigherTier { used, allowed } => (
            format!("{name} cannot be upgraded any further"),
            vec![
                figures(*used, *allowed),
                "The 24 hours are over, and there is no higher tier. Nothing else changes: please lower the number of active \
                 users, or agree on a limit of its own."
                    .to_owned(),
            ],
        ),
        News::ReUsesWarning { percent, re_uses, of, year_ends_on } => (
            format!("{name} has made {percent} % of this license year's re-uses"),
            vec![format!(
                "{} of {} until {}. Licenses are re-used when somebody new becomes active in the place of somebody else. \
                 Nobody is kept out when they run out.",
                grouped_count(*re_uses),
                counted(*of, "re-use", "re-uses"),
                until(*year_ends_on, dates)
            )],
        ),
    }
}

fn until(day: NaiveDate, dates: &impl SayDates) -> String {
    format!("the end of the license year on {}", dates.day(day))
}

fn over(used: u64, allowed: u64) -> String {
    grouped_count(used.saturating_sub(allowed))
}

fn are_active(used: u64) -> String {
    if used == 1 { "1 user is active".to_owned() } else { format!("{} users are active", grouped_count(used)) }
}

fn are(allowed: u64) -> String {
    format!("{} {}", grouped_count(allowed), if allowed == 1 { "is" } else { "are" })
}

fn figures(used: u64, allowed: u64) -> String {
    format!("{}, {} allowed.", are_active(used), are(allowed))
}

fn price(offer: &Offer) -> String {
    format!("{} {}", offer.currency, offer.price)
}

fn offered(offer: &Offer, priced: bool) -> String {
    let to = format!("{} ({})", offer.tier, counted(u64::from(offer.limit), "user", "users"));
    if priced {
        format!("An upgrade to {to} costs {} until the end of the license year.", price(offer))
    } else {
        format!("An upgrade to {to} is offered to whoever looks after the agreement.")
    }
}
