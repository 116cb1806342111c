//! Learning experiences as they are shown.

use askama::Template;

use super::forms::ExperienceForm;
use super::queries::{Counts, Filter, Header, Listed, Order, PAGE_SIZE, Shown, SortBy};
use crate::features::organisations::queries::Offered;
use crate::ids::ExperienceId;
use crate::web::form::{Choice, Field, Problems};
use crate::web::format::{counted, grouped};
use crate::web::list::Heading;
use crate::web::meanwhile::{Meanwhile, Versioned};
use crate::web::page::Chrome;
use crate::web::pager::{Pager, query_string};

/// GET `/experiences`.
#[derive(Template)]
#[template(path = "experiences/list.html")]
pub struct ListPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// "27 learning experiences".
    pub lede: String,
    /// As typed.
    pub search: String,
    /// The filter by archive.
    pub archived: Choice,
    /// Hidden fields that keep the sorting.
    pub kept: Vec<(&'static str, String)>,
    /// Something narrows the list down.
    pub narrowed: bool,
    /// The columns that sort: title, code, live.
    pub headings: [Heading; 3],
    /// The rows.
    pub rows: Vec<Row>,
    /// Other pages.
    pub pager: Pager,
    /// The reader may add one.
    pub may_add: bool,
}

/// A learning experience in the list.
pub struct Row {
    /// Its title.
    pub title: String,
    /// Its page.
    pub address: String,
    /// Its code.
    pub code: String,
    /// Its owner.
    pub organisation: String,
    /// It is archived.
    pub archived: bool,
    /// Its enrolments.
    pub figures: Figures,
}

/// Counts of enrolments.
pub struct Figures {
    /// People with access today.
    pub live: String,
    /// Ended.
    pub expired: String,
    /// Begin later.
    pub coming: String,
    /// With a completion record.
    pub completed: String,
}

impl From<Counts> for Figures {
    fn from(counts: Counts) -> Figures {
        Figures {
            live: grouped(counts.live),
            expired: grouped(counts.expired),
            coming: grouped(counts.coming),
            completed: grouped(counts.completed),
        }
    }
}

fn filter_pairs(filter: &Filter) -> Vec<(&'static str, String)> {
    let archived = filter.archived.map(|archived| if archived { "yes" } else { "no" }.to_owned());
    let pairs = [("q", filter.search.clone()), ("archived", archived.unwrap_or_default())];
    pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

fn order_pairs(order: Order) -> Vec<(&'static str, String)> {
    let name = match order.by {
        SortBy::Title => "title",
        SortBy::Code => "code",
        SortBy::Live => "live",
    };
    let by = (order != Order::default()).then(|| ("sort", name.to_owned()));
    by.into_iter().chain(order.descending.then(|| ("order", "desc".to_owned()))).collect()
}

impl ListPage {
    /// A page of the list.
    pub fn new(chrome: Chrome, filter: Filter, order: Order, number: u32, shown: Shown, may_add: bool) -> ListPage {
        let filters = filter_pairs(&filter);
        let heading = |by: SortBy, label| {
            let sorted = (order.by == by).then_some(order.descending);
            // numbers begin with the largest, since that is what people look for
            let descending = sorted.map_or(by == SortBy::Live, |descending| !descending);
            let next = [filters.clone(), order_pairs(Order { by, descending })].concat();
            Heading::new(label, "/experiences", sorted, &next)
        };
        let query = query_string([filters.clone(), order_pairs(order)].concat());
        let chosen = filters.iter().find(|(name, _)| *name == "archived").map_or("", |(_, value)| value.as_str());
        let options = [("", "All"), ("no", "In use"), ("yes", "Archived")];
        ListPage {
            lede: counted(shown.total, "learning experience", "learning experiences"),
            archived: Choice::new("archived", "Archive", options, chosen),
            kept: order_pairs(order),
            narrowed: !filters.is_empty(),
            headings: [heading(SortBy::Title, "Title"), heading(SortBy::Code, "Code"), heading(SortBy::Live, "Live")],
            pager: Pager::new("/experiences", &query, number, PAGE_SIZE, shown.total),
            rows: shown.rows.into_iter().map(Row::from).collect(),
            search: filter.search,
            may_add,
            chrome,
        }
    }
}

impl From<Listed> for Row {
    fn from(listed: Listed) -> Row {
        Row {
            address: format!("/experiences/{}", listed.id),
            title: listed.title,
            code: listed.code,
            organisation: listed.organisation,
            archived: listed.archived,
            figures: Figures::from(listed.counts),
        }
    }
}

/// GET `/experiences/{experience_id}`.
#[derive(Template)]
#[template(path = "experiences/show.html")]
pub struct ShowPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What was just done.
    pub done: Option<&'static str>,
    /// Its title.
    pub title: String,
    /// Its code.
    pub code: String,
    /// Its description, a paragraph each.
    pub description: Vec<String>,
    /// Its owner.
    pub organisation: String,
    /// The owner's report.
    pub owner_address: Option<String>,
    /// It is archived.
    pub archived: bool,
    /// Its enrolments.
    pub figures: Figures,
    /// Its address, to which others are added.
    pub address: String,
    /// The reader may edit it.
    pub may_edit: bool,
}

impl ShowPage {
    /// The page after something was perhaps done.
    pub fn new(chrome: Chrome, header: Header, counts: Counts, may_edit: bool, saved: &str) -> ShowPage {
        ShowPage {
            chrome,
            done: match saved {
                "created" => Some("The learning experience is added"),
                "edited" => Some("The changes are saved"),
                "archived" => Some("The learning experience is archived"),
                "unarchived" => Some("The learning experience is in use again"),
                _ => None,
            },
            description: paragraphs(&header.description),
            owner_address: header.owned_within.then(|| format!("/organisations/{}/licenses", header.organisation_id)),
            address: format!("/experiences/{}", header.id),
            title: header.title,
            code: header.code,
            organisation: header.organisation,
            archived: header.archived,
            figures: Figures::from(counts),
            may_edit,
        }
    }
}

/// Paragraphs are what empty lines separate; lines within one stay lines by the style sheet.
fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n").map(|part| part.trim_matches('\n').to_owned()).filter(|part| !part.trim().is_empty()).collect()
}

/// What a form is for.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// A new one.
    New,
    /// One that there is.
    Existing(ExperienceId),
}

impl Target {
    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Target::New => "Add a learning experience",
            Target::Existing(_) => "Edit the learning experience",
        }
    }
}

/// GET `/experiences/new` and `/experiences/{experience_id}/edit`.
#[derive(Template)]
#[template(path = "experiences/form.html")]
pub struct FormPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// The heading.
    pub heading: &'static str,
    /// Where it is sent.
    pub action: String,
    /// Where "Cancel" leads.
    pub back: String,
    /// What the button says.
    pub button: &'static str,
    /// What is wrong.
    pub problems: Problems,
    /// Title and code.
    pub fields: [Field; 2],
    /// The owner.
    pub organisation: Choice,
    /// Not all organisations are offered.
    pub may_look: bool,
    /// The description, as typed.
    pub description: String,
    /// What is wrong with it.
    pub description_problem: Option<String>,
    /// What is edited.
    pub version: String,
    /// Somebody else saved something meanwhile.
    pub meanwhile: Option<Meanwhile>,
}

impl FormPage {
    /// The form as typed.
    pub fn new(
        chrome: Chrome,
        target: Target,
        form: &ExperienceForm,
        problems: &Problems,
        meanwhile: Option<Meanwhile>,
        offered: &[Offered],
    ) -> FormPage {
        let options = offered.iter().map(|organisation| (organisation.id.to_string(), organisation.path.clone()));
        let (action, back, button) = match target {
            Target::New => ("/experiences".to_owned(), "/experiences".to_owned(), "Add learning experience"),
            Target::Existing(id) => {
                (format!("/experiences/{id}"), format!("/experiences/{id}"), "Save learning experience")
            }
        };
        let may_look = offered.iter().any(|organisation| !organisation.complete);
        let mut organisation =
            Choice::new("organisation", ExperienceForm::label("organisation"), options, &form.organisation)
                .with(problems);
        organisation.hint = "People of this organisation, and of everything below it, can be enrolled.".to_owned();
        FormPage {
            chrome,
            heading: target.title(),
            action,
            back,
            fields: [
                form.field("title").required().with(problems),
                form.field("code")
                    .required()
                    .hint("A short name for files and lists; no other learning experience of the organisation has it.")
                    .with(problems),
            ],
            organisation,
            may_look,
            description: form.description.clone(),
            description_problem: problems.of("description").map(str::to_owned),
            version: form.version.clone(),
            button: if meanwhile.is_some() { "Save my version" } else { button },
            meanwhile,
            problems: problems.clone(),
        }
    }
}
