//! What is typed about a learning experience, and what becomes of it.

use serde::{Deserialize, Serialize};

use super::queries::Header;
use crate::ids::OrganisationId;
use crate::web::form::{self, Problems};
use crate::web::meanwhile::{self, Versioned};

/// The longest description, in characters.
pub const LONGEST_DESCRIPTION: usize = 20_000;

/// The fields as they are sent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ExperienceForm {
    /// Code.
    pub code: String,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// The owner's id.
    pub organisation: String,
    /// What was edited; empty for scripts.
    pub version: String,
    /// Another choice of organisations is wanted, and nothing is to be saved.
    pub look: String,
}

/// A learning experience as somebody wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Code.
    pub code: String,
    /// Title.
    pub title: String,
    /// Description, in lines.
    pub description: String,
    /// The owner.
    pub organisation: OrganisationId,
}

impl Versioned for ExperienceForm {
    const FIELDS: &'static [(&'static str, &'static str)] =
        &[("title", "Title"), ("code", "Code"), ("organisation", "Organisation"), ("description", "Description")];

    fn version(&self) -> &str {
        &self.version
    }
}

impl ExperienceForm {
    /// What is stored now.
    pub fn of(header: &Header) -> ExperienceForm {
        let mut form = ExperienceForm {
            code: header.code.clone(),
            title: header.title.clone(),
            description: header.description.clone(),
            organisation: header.organisation_id.to_string(),
            ..ExperienceForm::default()
        };
        form.version = meanwhile::version(&form, &header.state());
        form
    }

    /// Everything that is wrong at once, or what is wanted.
    pub fn parse(&self) -> Result<Wanted, Problems> {
        let mut problems = Problems::default();
        let title = form::line(&self.title);
        if title.is_empty() {
            problems.add("title", "Enter a title.");
        } else if title.chars().count() > 300 {
            problems.add("title", "A title has at most 300 characters.");
        }
        let code = form::line(&self.code);
        if code.is_empty() {
            problems.add("code", "Enter a code.");
        } else if code.chars().count() > 100 {
            problems.add("code", "A code has at most 100 characters.");
        }
        let organisation = self.organisation.parse();
        if organisation.is_err() {
            problems.add("organisation", "Choose the organisation that it belongs to.");
        }
        let description = lines(&self.description);
        if description.chars().count() > LONGEST_DESCRIPTION {
            problems.add("description", "A description has at most 20,000 characters.");
        }
        match organisation {
            Ok(organisation) if problems.is_empty() => Ok(Wanted { code, title, description, organisation }),
            _ => Err(problems),
        }
    }
}

/// Browsers end lines with CR LF.
fn lines(text: &str) -> String {
    let kept = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = kept.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
    kept.trim_end().trim_start_matches('\n').to_owned()
}
