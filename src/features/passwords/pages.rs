//! The pages around a link to set a password. Nobody is signed in on them.

use askama::Template;

use crate::domain::password::{LONGEST, SHORTEST};
use crate::web::form::{Field, Problems};
use crate::web::page::Chrome;

/// GET and POST `/password/forgot`.
#[derive(Template)]
#[template(path = "passwords/forgot.html")]
pub struct ForgotPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What is wrong with the form.
    pub problems: Problems,
    /// Who asks.
    pub username: Field,
    /// A link was just sent, if there is such an account.
    pub sent: bool,
}

/// GET and POST `/password/{token}`.
#[derive(Template)]
#[template(path = "passwords/edit.html")]
pub struct EditPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What is wrong with the form.
    pub problems: Problems,
    /// Where the form is sent to.
    pub address: String,
    /// Whose password it is.
    pub username: String,
    /// The new one, and the new one again.
    pub fields: [Field; 2],
}

/// The link does not work.
#[derive(Template)]
#[template(path = "passwords/gone.html")]
pub struct GonePage {
    /// The page chrome.
    pub chrome: Chrome,
}

impl ForgotPage {
    /// The form, empty or as typed.
    pub fn new(username: &str, problems: Problems) -> ForgotPage {
        let field = Field::new("username", "Username or e-mail address", username).required().with(&problems);
        ForgotPage {
            chrome: Chrome::anonymous(&problems.title("Forgot your password?")),
            username: Field { autocomplete: "username", ..field },
            problems,
            sent: false,
        }
    }
}

impl EditPage {
    /// The form. What was typed does not come back: it is secret.
    pub fn new(token: &str, username: &str, problems: Problems) -> EditPage {
        let password = |name, label| {
            let field = Field::new(name, label, "").kind("password").required().with(&problems);
            Field { autocomplete: "new-password", ..field }
        };
        let fields = [
            password("password", "New password").hint(format!("{SHORTEST} to {LONGEST} characters of any kind.")),
            password("password_again", "New password again"),
        ];
        EditPage {
            chrome: Chrome::anonymous(&problems.title("Set your password")),
            address: format!("/password/{token}"),
            username: username.to_owned(),
            fields,
            problems,
        }
    }
}

impl GonePage {
    /// The same for every link that does not work.
    pub fn new() -> GonePage {
        GonePage { chrome: Chrome::anonymous("Error: This link no longer works") }
    }
}
