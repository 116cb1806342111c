//! The sign-in page.

use askama::Template;

use crate::web::page::Chrome;

/// GET and POST `/sign-in`.
#[derive(Template)]
#[template(path = "sign_in/form.html")]
pub struct FormPage {
    /// The page chrome of somebody who is not signed in.
    pub chrome: Chrome,
    /// As typed.
    pub username: String,
    /// Where to go afterwards; empty for the start page.
    pub next: String,
    /// What was wrong with the last attempt.
    pub problem: Option<String>,
    /// The person has just set a password.
    pub password_set: bool,
}

impl FormPage {
    /// The form, empty or as typed.
    pub fn new(username: &str, next: &str, problem: Option<String>) -> FormPage {
        let title = if problem.is_some() { "Error: Sign in" } else { "Sign in" };
        let chrome = Chrome::anonymous(title);
        FormPage { chrome, username: username.to_owned(), next: next.to_owned(), problem, password_set: false }
    }
}
