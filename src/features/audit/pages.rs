//! The audit log as it is shown.

use askama::Template;
use chrono_tz::Tz;
use uuid::Uuid;

use super::list_query::pairs;
use super::queries::{Changes, Filter, Listed, Page, Things, Touched};
use crate::domain::access::Action;
use crate::web::audit_words::{self, ACTIONS, Difference, KINDS, Names};
use crate::web::form::{Choice, Field};
use crate::web::format::{self, counted, grouped_count};
use crate::web::page::Chrome;
use crate::web::pager::with_query;
use crate::web::viewer::Viewer;

/// What the log shows.
pub struct Shown {
    /// Narrowed down to.
    pub filter: Filter,
    /// The entries.
    pub page: Page,
    /// What the things are called.
    pub names: Names,
    /// The newest entries.
    pub is_first: bool,
    /// More people match than are looked at.
    pub too_many: bool,
}

/// A name, and perhaps where it leads.
pub struct Link {
    /// What it says.
    pub words: String,
    /// Its page.
    pub address: Option<String>,
}

/// GET `/audit`.
#[derive(Template)]
#[template(path = "audit/list.html")]
pub struct ListPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// The zone of all times.
    pub zone: String,
    /// The filter by person, as typed.
    pub person: String,
    /// Action and kind.
    pub choices: Vec<Choice>,
    /// First and last day.
    pub days: [Field; 2],
    /// Something narrows the log down.
    pub narrowed: bool,
    /// More people match than are looked at.
    pub too_many: bool,
    /// The entries.
    pub rows: Vec<Row>,
    /// "50 entries".
    pub shown: String,
    /// The first page, when this is another.
    pub newest: Option<String>,
    /// The last day that is asked for lies before the first.
    pub reversed: bool,
    /// The next page.
    pub older: Option<String>,
    /// The same entries as a file.
    pub export: String,
}

/// An entry.
pub struct Row {
    /// When.
    pub at: String,
    /// Its page.
    pub address: String,
    /// Who.
    pub who: Link,
    /// What.
    pub what: String,
    /// Facts; may be empty.
    pub facts: String,
    /// Where.
    pub organisation: Link,
    /// To what.
    pub about: Link,
    /// How many things it touched; empty for none.
    pub things: String,
}

impl ListPage {
    /// The page, with times in a zone.
    pub fn new(chrome: Chrome, shown: Shown, zone: Tz) -> ListPage {
        let Shown { filter, page, names, is_first, too_many } = shown;
        let pairs = pairs(&filter);
        let narrowed_to = || pairs.iter().map(|(name, value)| (*name, value.clone()));
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        ListPage {
            zone: zone.name().to_owned(),
            choices: vec![action_choice(&filter), kind_choice(&filter)],
            days: [
                Field::new("from", "From", &day(filter.from)).kind("date"),
                Field::new("to", "To", &day(filter.to)).kind("date"),
            ],
            narrowed: !pairs.is_empty(),
            too_many,
            reversed: filter.from.zip(filter.to).is_some_and(|(from, to)| to < from),
            newest: (!is_first).then(|| with_query("/audit", narrowed_to())),
            older: page.next.map(|next| with_query("/audit", narrowed_to().chain([("after", next.to_string())]))),
            export: with_query("/audit.csv", narrowed_to()),
            shown: counted(page.rows.len() as u64, "entry", "entries"),
            rows: page.rows.iter().map(|row| Row::new(row, &names, zone)).collect(),
            person: filter.person,
            chrome,
        }
    }
}

fn action_choice(filter: &Filter) -> Choice {
    let chosen = filter.action.as_deref().unwrap_or_default();
    let unknown = ACTIONS.iter().all(|(name, _)| *name != chosen).then(|| (chosen, audit_words::action(chosen)));
    let options = ACTIONS.iter().map(|(name, words)| (*name, (*words).to_owned()));
    let any = std::iter::once(("", "Anything".to_owned()));
    let unknown = unknown.filter(|(name, _)| !name.is_empty());
    Choice::new("action", "What", any.chain(options).chain(unknown), chosen)
}

fn kind_choice(filter: &Filter) -> Choice {
    let options = KINDS.iter().copied();
    let chosen = filter.kind.as_deref().unwrap_or_default();
    Choice::new("kind", "About", std::iter::once(("", "Anything")).chain(options), chosen)
}

impl Row {
    fn new(entry: &Listed, names: &Names, zone: Tz) -> Row {
        Row {
            at: format::second(entry.at, zone),
            address: format!("/audit/{}", entry.id),
            who: who(entry),
            what: audit_words::action(&entry.action),
            facts: audit_words::facts(&entry.detail, names),
            organisation: organisation(entry, names),
            about: about(entry, names),
            things: match entry.things() {
                Things::Exactly(0) => String::new(),
                Things::Exactly(count) => grouped_count(count),
                Things::MoreThan(count) => format!("over {}", grouped_count(count)),
            },
        }
    }
}

fn who(entry: &Listed) -> Link {
    let address = entry.actor_id.filter(|_| entry.actor_within).map(|id| format!("/users/{id}"));
    Link { words: entry.who(), address }
}

fn organisation(entry: &Listed, names: &Names) -> Link {
    entry.organisation_id.map_or_else(nothing, |id| thing("organisation", id.0, names))
}

fn about(entry: &Listed, names: &Names) -> Link {
    match (&entry.subject_kind, entry.subject_id) {
        (Some(_), Some(id)) if entry.organisation_id.is_some_and(|organisation| organisation.0 == id) => nothing(),
        (Some(kind), Some(id)) => thing(kind, id, names),
        _ => nothing(),
    }
}

fn nothing() -> Link {
    Link { words: String::new(), address: None }
}

/// A thing by its name now; what is gone, or nothing of the reader's any more, by its ID.
fn thing(kind: &str, id: Uuid, names: &Names) -> Link {
    match names.things.get(&id) {
        Some(named) => Link { words: named.name.clone(), address: named.address.clone() },
        None => Link {
            words: format!("{} {id}, gone or outside your organisations", audit_words::kind(kind)),
            address: None,
        },
    }
}

/// GET `/audit/{entry_id}`.
#[derive(Template)]
#[template(path = "audit/show.html")]
pub struct EntryPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What.
    pub what: String,
    /// When, with the zone.
    pub at: String,
    /// Who.
    pub who: Link,
    /// From where.
    pub address: String,
    /// Where.
    pub organisation: Link,
    /// To what.
    pub about: Link,
    /// The name of the action.
    pub action: String,
    /// Facts.
    pub facts: Vec<(String, Link)>,
    /// The entry, where its expiry dates can be taken back by the reader.
    pub undo: Option<String>,
    /// "1,340 things", above the table.
    pub lede: String,
    /// The things on this page.
    pub rows: Vec<ThingRow>,
    /// The first page, when this is another.
    pub first: Option<String>,
    /// The next page.
    pub next: Option<String>,
}

/// A thing that the entry touched.
pub struct ThingRow {
    /// What it is.
    pub thing: Link,
    /// User, enrolment.
    pub kind: String,
    /// What changed.
    pub differences: Vec<Difference>,
}

impl EntryPage {
    /// The page for a reader; `after`: the last thing of the page before.
    pub fn new(
        chrome: impl Fn(&str) -> Chrome,
        entry: &Listed,
        changes: &Changes,
        names: &Names,
        after: Option<Uuid>,
        viewer: &Viewer,
    ) -> EntryPage {
        let zone = viewer.time_zone;
        let what = audit_words::action(&entry.action);
        let here = format!("/audit/{}", entry.id);
        EntryPage {
            chrome: chrome(&format!("{what}, {}", format::moment(entry.at, zone))),
            at: format!("{} ({})", format::second(entry.at, zone), zone.name()),
            who: who(entry),
            address: entry.address.clone().unwrap_or_default(),
            organisation: organisation(entry, names),
            about: about(entry, names),
            action: entry.action.clone(),
            facts: audit_words::fact_list(&entry.detail, names)
                .into_iter()
                .map(|fact| (fact.name, Link { words: fact.value, address: fact.address }))
                .collect(),
            undo: (entry.action == "enrolment.expiry_set" && viewer.scope_of(Action::Enrol).is_some())
                .then(|| entry.id.to_string()),
            lede: counted(changes.total, "thing", "things"),
            first: after.map(|_| here.clone()),
            next: changes.next.map(|next| with_query(&here, [("after", next.to_string())])),
            rows: changes.rows.iter().map(|row| ThingRow::new(row, names)).collect(),
            what,
        }
    }
}

impl ThingRow {
    fn new(row: &Touched, names: &Names) -> ThingRow {
        let own = thing(&row.subject_kind, row.subject_id, names);
        let person = row.person_id.filter(|person| person.0 != row.subject_id);
        let named = names.things.contains_key(&row.subject_id);
        let thing = match person.map(|person| thing("user", person.0, names)) {
            // whose it is leads on; what it is stands beside
            Some(person) if named => {
                Link { words: format!("{}: {}", person.words, own.words), address: person.address }
            }
            Some(person) => person,
            None => own,
        };
        ThingRow {
            thing,
            kind: audit_words::kind(&row.subject_kind),
            differences: audit_words::differences(row.before.as_ref(), row.after.as_ref(), named, names),
        }
    }
}
