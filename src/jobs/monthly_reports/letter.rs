//! The text of the mail, in the dates of its reader.

use super::{Due, Told};
use crate::domain::license::{self, Percentage, UserLimit};
use crate::domain::license_year::{reuses, reuses_used};
use crate::features::licenses::outlook::limit_outlook;
use crate::mail::Mail;
use crate::mail::dates::Dates;
use crate::web::format::{grouped, grouped_count};

/// Usage, peak, re-use and what is coming.
pub(super) fn letter(due: &Due, told: &Told, origin: &str) -> Mail {
    let dates = Dates::new(due.language.as_deref(), &due.time_zone);
    let (first, last) = (dates.day(due.month), dates.day(due.last_day));
    let total = &told.report.total;
    let used = match total.limit {
        Some(limit) => format!(
            "{} of {} ({})",
            grouped_count(total.used.0),
            grouped(i64::from(limit.0)),
            match license::percentage(limit, total.used) {
                Percentage::Over => Percentage::Over.to_string(),
                percentage => format!("{percentage} %"),
            }
        ),
        None => grouped_count(total.used.0),
    };
    let mut figures = vec![
        format!("Active users at the end of {last}: {used}"),
        format!("At most at once: {}, on {}", grouped(i64::from(told.month.peak)), dates.day(told.month.peak_on)),
    ];
    figures.extend(re_use(told));
    let coming = limit_outlook(&told.history, |day| dates.day(day)).unwrap_or_else(|| {
        let then = grouped_count(told.history.used_on(told.history.last).0);
        format!("From what is scheduled today, {then} will be active on {}.", dates.day(told.history.last))
    });
    let id = total.id;
    let body = format!(
        "Hello {},\n\nthe licenses of {}, from {first} to {last}:\n\n{}\n\n{coming}\n\n\
         The file with this mail has the report as it was at the end of the month.\nThe report of today:\n\
         {origin}/organisations/{id}/licenses\n\nYou asked for this mail. Stop it here:\n\
         {origin}/organisations/{id}/licenses#monthly\n",
        due.first_name,
        total.name,
        figures.join("\n"),
    );
    Mail { recipient: due.email.clone(), subject: format!("Licenses of {} until {last}", total.name), body }
}

/// Of a root with an agreement.
fn re_use(told: &Told) -> Option<String> {
    let month = &told.month;
    let holders = month.holders?.unsigned_abs();
    let highest = UserLimit(month.highest_limit?.unsigned_abs());
    let possible = reuses(highest, month.re_uses_per_license?.unsigned_abs());
    Some(format!(
        "Re-uses of licenses this license year: {} of {}",
        grouped_count(reuses_used(holders, highest)),
        grouped_count(possible)
    ))
}
