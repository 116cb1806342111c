//! What is told above an import's page: what was just done, or why it was not.

use super::words::moved;
use crate::features::enrolments::words;
use crate::features::imports::planning::Counts;
use crate::people::restoring::Restored;
use crate::web::format::counted;
use crate::web::notice::Notice;

/// What came of the request before.
#[derive(Debug, Default)]
pub enum Told {
    /// Nothing was asked.
    #[default]
    Nothing,
    /// The people have changed since the plan was shown; its counts, if they are known.
    Moved(Option<Box<Counts>>),
    /// The answer did not say which plan it is about.
    NotSeen,
    /// It does not wait for an answer.
    NothingToConfirm,
    /// So many have to be typed first.
    TypeFirst {
        /// The number.
        count: u64,
        /// What was typed.
        typed: String,
    },
    /// It does not wait any more.
    TooLateToCancel,
    /// People came back.
    Restored(Restored),
    /// Nobody could be restored any more.
    NobodyLeft,
    /// Nobody was ticked to be restored.
    NobodyTicked,
    /// So many of the chosen people cannot be restored any more.
    NotRestorable(u64),
    /// So many held a role that the reader could not grant.
    BeyondReach(u64),
}

/// Why nothing was done.
#[derive(Debug)]
pub struct Alert {
    /// In a few words.
    pub heading: &'static str,
    /// More of it.
    pub lines: Vec<String>,
}

impl Told {
    /// Why nothing was done; `now`: the plan as it is.
    pub fn alert(&self, now: Option<&Counts>) -> Option<Alert> {
        let alert = |heading, lines| Some(Alert { heading, lines });
        match self {
            Told::Nothing | Told::Restored(_) | Told::NobodyLeft | Told::TypeFirst { .. } => None,
            Told::Moved(before) => {
                let mut lines = match (before, now) {
                    (Some(before), Some(now)) => moved(before, now),
                    _ => Vec::new(),
                };
                lines.push("Below is what it would do now. Check it again.".to_owned());
                alert("The people have changed since you looked. Nothing was done.", lines)
            }
            Told::NotSeen => alert(
                "Nothing was done: look at the plan first",
                vec![
                    "The answer did not say which plan it was about. Below is what the import would do now.".to_owned(),
                ],
            ),
            Told::NothingToConfirm => {
                alert("There is nothing to confirm", vec!["This import does not wait for an answer.".to_owned()])
            }
            Told::TooLateToCancel => alert(
                "It is too late to cancel",
                vec!["This import does not wait for an answer any more; below is how far it is.".to_owned()],
            ),
            Told::NobodyTicked => alert("Nobody is ticked", vec!["Tick the people to restore, below.".to_owned()]),
            Told::NotRestorable(count) => alert(
                "Nobody was restored",
                vec![format!(
                    "{} of those that you chose cannot be restored any more, or not by this import. Choose again, below.",
                    counted(*count, "person", "people")
                )],
            ),
            Told::BeyondReach(count) => alert(
                "Nobody was restored",
                vec![format!(
                    "{} held a role that you cannot grant. Ask somebody who can, or restore the others only.",
                    counted(*count, "of these people", "of these people")
                )],
            ),
        }
    }

    /// What was done.
    pub fn notice(&self) -> Option<Notice> {
        let Restored { users, lost_enrolments, lost_roles, effect, exceeded, .. } = match self {
            Told::Restored(restored) => restored,
            Told::NobodyLeft => {
                let heading = "Nobody was left to restore".to_owned();
                return Some(Notice { heading, ..Notice::default() });
            }
            _ => return None,
        };
        let mut lines = vec!["Their enrolments, completion records and roles are back.".to_owned()];
        lines.extend(words::returned(effect, exceeded));
        if *lost_enrolments > 0 {
            let lost = counted(*lost_enrolments, "enrolment is lost", "enrolments are lost");
            lines.push(format!("{lost}: the learning experience is gone."));
        }
        if *lost_roles > 0 {
            let lost = counted(*lost_roles, "role is lost", "roles are lost");
            lines.push(format!("{lost}: the organisation is gone."));
        }
        let heading = counted(*users, "user is restored", "users are restored");
        Some(Notice { heading, lines, ..Notice::default() })
    }

    /// The page's title: "Error:" in front when something was not done.
    pub fn title(&self, title: &str) -> String {
        let refused = self.alert(None).is_some() || matches!(self, Told::TypeFirst { .. });
        if refused { format!("Error: {title}") } else { title.to_owned() }
    }
}
