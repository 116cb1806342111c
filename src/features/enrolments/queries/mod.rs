//! Enrolments within a scope: which match, a page of them, and what a change of them would do.

mod choices;
mod done;
mod effect;
mod enrolling;
mod matching;
mod page;
mod people;
mod preview;

/// What changes do to the licenses, in words.
pub use crate::features::experiences::queries::{Header, visible as header};
pub use choices::{Offered, choices};
pub use done::{Done, experience_of, notice, total};
pub use effect::{Effect, Effects, Freed, effects};
pub use enrolling::{EnrolPlan, Exceeded, enrol_plan, enrollable, enrolled_among, exceeded, exceeded_since};
pub use matching::{Filter, Matching, Meant, State, matching, meant, of_users, selected};
pub use page::{Listed, Order, PAGE_SIZE, SortBy, page};
pub use people::{Touched, changed_by, common_organisation, done_effect, effect_of_return, names, people_of, touched};
pub use preview::{ChangedSince, Preview, changes_since, preview};
