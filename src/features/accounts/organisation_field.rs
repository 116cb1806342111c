//! Choosing an organisation: from a list when the scope is small, by typing its path when it is not.

use diesel::PgConnection;

use super::queries_organisations::{self as organisations, Organisation};
use crate::error::AppError;
use crate::ids::OrganisationId;
use crate::web::form::{Choice, Field, Problems};
use crate::web::guards::{Allowed, Permission};

/// Up to this many organisations are a list to choose from.
const SHORT_LIST: i64 = 200;

/// How many organisations are suggested for what was typed.
const SUGGESTIONS: i64 = 50;

/// Chosen for the vendor's own people, who belong to no customer.
const NONE: &str = "none";

/// One of the two kinds of field.
pub enum OrganisationField {
    /// A list.
    Listed(Choice),
    /// A text with suggestions.
    Typed(Field, Vec<String>),
}

/// What the list offers besides organisations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Besides {
    /// Nothing.
    Nothing,
    /// That somebody belongs to none, when the scope is everything.
    NoOrganisation,
    /// That there is nothing to choose, for the role of an instance admin.
    Everywhere,
}

/// What was chosen.
#[derive(Debug, Clone)]
pub enum Chosen {
    /// An organisation within the scope.
    Organisation(Organisation),
    /// None, on purpose.
    NoOrganisation,
    /// Not sent at all.
    NotAsked,
    /// What is wrong, for the person.
    Problem(String),
}

impl OrganisationField {
    /// With what was chosen or typed: an id, a path, or nothing.
    pub fn read<P: Permission>(
        conn: &mut PgConnection,
        by: &Allowed<P>,
        label: &'static str,
        value: &str,
        besides: Besides,
    ) -> Result<OrganisationField, AppError> {
        let few = organisations::organisations_up_to(conn, by, SHORT_LIST + 1)? <= SHORT_LIST;
        let chosen = choose(conn, by, Some(value))?;
        if few {
            let listed = organisations::organisations(conn, by, None, SHORT_LIST)?;
            return Ok(OrganisationField::Listed(choice(
                label,
                &listed,
                &chosen,
                besides,
                by.scope_parameter().is_none(),
            )));
        }
        let (text, part) = match &chosen {
            Chosen::Organisation(organisation) => (organisation.path.clone(), None),
            _ => (value.to_owned(), value.rsplit(" > ").next().map(str::trim).filter(|part| !part.is_empty())),
        };
        let suggestions = organisations::organisations(conn, by, part, SUGGESTIONS)?;
        let mut field = Field::new("organisation", label, &text)
            .hint("Its name, or its path like Acme Group > Acme Nordics > Sales.");
        field.required = besides == Besides::Nothing;
        Ok(OrganisationField::Typed(field, suggestions.into_iter().map(|organisation| organisation.path).collect()))
    }

    /// The list, if it is one.
    pub fn listed(&self) -> Option<&Choice> {
        match self {
            OrganisationField::Listed(choice) => Some(choice),
            OrganisationField::Typed(..) => None,
        }
    }

    /// The text and its suggestions, if it is one.
    pub fn typed(&self) -> Option<(&Field, &[String])> {
        match self {
            OrganisationField::Listed(_) => None,
            OrganisationField::Typed(field, suggestions) => Some((field, suggestions)),
        }
    }

    /// Under another name: beside the filters of a list, "organisation" is taken.
    #[must_use]
    pub fn named(self, name: &'static str) -> OrganisationField {
        match self {
            OrganisationField::Listed(choice) => OrganisationField::Listed(Choice { name, ..choice }),
            OrganisationField::Typed(field, suggestions) => {
                OrganisationField::Typed(Field { name, ..field }, suggestions)
            }
        }
    }

    /// With what is wrong with it.
    #[must_use]
    pub fn with(self, problems: &Problems) -> OrganisationField {
        match self {
            OrganisationField::Listed(choice) => OrganisationField::Listed(choice.with(problems)),
            OrganisationField::Typed(field, suggestions) => OrganisationField::Typed(field.with(problems), suggestions),
        }
    }
}

fn choice(label: &'static str, listed: &[Organisation], chosen: &Chosen, besides: Besides, everything: bool) -> Choice {
    let first = match besides {
        Besides::Everywhere => ("", "Choose an organisation, or none for an instance admin"),
        _ => ("", "Choose an organisation"),
    };
    let none = (besides == Besides::NoOrganisation && everything).then_some((NONE, "None: the vendor's own people"));
    let value = match chosen {
        Chosen::Organisation(organisation) => organisation.id.to_string(),
        Chosen::NoOrganisation => NONE.to_owned(),
        Chosen::NotAsked | Chosen::Problem(_) => String::new(),
    };
    let rest = listed.iter().map(|organisation| (organisation.id.to_string(), organisation.path.clone()));
    let head = std::iter::once(first).chain(none).map(|(value, words)| (value.to_owned(), words.to_owned()));
    Choice::new("organisation", label, head.chain(rest), &value)
}

/// What an organisation field means.
pub fn choose<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    value: Option<&str>,
) -> Result<Chosen, AppError> {
    let Some(value) = value.map(str::trim) else { return Ok(Chosen::NotAsked) };
    let unknown = || Chosen::Problem(format!("You look after no organisation that is called “{value}”."));
    if value.is_empty() {
        return Ok(Chosen::Problem("Choose an organisation.".to_owned()));
    }
    if value == NONE && by.scope_parameter().is_none() {
        return Ok(Chosen::NoOrganisation);
    }
    if let Ok(id) = value.parse::<OrganisationId>() {
        return Ok(organisations::organisation(conn, by, id)?.map_or_else(unknown, Chosen::Organisation));
    }
    let mut named = organisations::organisations_named(conn, by, value)?;
    if named.len() == 1 {
        return Ok(named.pop().map_or_else(unknown, Chosen::Organisation));
    }
    if named.len() > 1 {
        return Ok(Chosen::Problem(format!("More than one organisation is called “{value}”. Enter the whole path.")));
    }
    let part = value.rsplit(" > ").next().unwrap_or(value);
    let similar = organisations::organisations(conn, by, Some(part), 3)?;
    Ok(match similar.as_slice() {
        [] => unknown(),
        [only] => Chosen::Problem(format!("No organisation is called “{value}”. Do you mean “{}”?", only.path)),
        _ => Chosen::Problem(format!(
            "No organisation is called “{value}”, but several have it in their names: choose one of the suggestions."
        )),
    })
}

/// Where somebody new belongs when nothing is said: where whoever adds them does, else the only
/// organisation at the top of the scope.
pub fn usual<P: Permission>(conn: &mut PgConnection, by: &Allowed<P>) -> Result<Option<Organisation>, AppError> {
    if let Some(home) = by.by().viewer().home
        && let Some(organisation) = organisations::organisation(conn, by, home)?
    {
        return Ok(Some(organisation));
    }
    let mut tops = organisations::tops(conn, by)?;
    Ok(if tops.len() == 1 { tops.pop() } else { None })
}
