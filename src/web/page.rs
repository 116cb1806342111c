//! The page chrome, and templates as responses.

use std::str::FromStr;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ContentType};
use askama::Template;

use crate::domain::access::{Action, Scope};
use crate::error::AppError;
use crate::web::assets;
use crate::web::banners::Banners;
use crate::web::viewer::Viewer;

/// Where the reader is, for the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Org list and reports.
    Organisations,
    /// Users.
    Users,
    /// Learning experiences and their enrolments.
    Experiences,
    /// Free up licenses.
    FreeUp,
    /// The desk of those who look after accounts.
    Accounts,
    /// Notices.
    Notices,
    /// The audit log.
    Audit,
    /// Settings.
    Settings,
    /// The learner's own page.
    Learning,
    /// Nowhere in the navigation.
    Elsewhere,
}

/// What surrounds a page's own content.
#[derive(Debug)]
pub struct Chrome {
    /// Goes before "Headroom" in the browser's title.
    pub title: String,
    /// Who is signed in, if somebody is.
    pub person: Option<Person>,
    /// The navigation, empty for somebody who is not signed in.
    pub navigation: Vec<NavigationItem>,
    /// A left-hand bar, or a line in the header.
    pub vertical: bool,
    /// The open overages, on pages of the administration.
    pub banners: Banners,
}

/// The signed-in person in the header.
#[derive(Debug)]
pub struct Person {
    /// First and last name.
    pub name: String,
    /// Role and organisation.
    pub standing: String,
}

/// One link of the navigation.
#[derive(Debug)]
pub struct NavigationItem {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub address: &'static str,
    /// The reader is there.
    pub current: bool,
}

impl Chrome {
    /// For somebody who is not signed in.
    pub fn anonymous(title: &str) -> Chrome {
        Chrome {
            title: title.to_owned(),
            person: None,
            navigation: Vec::new(),
            vertical: false,
            banners: Banners::default(),
        }
    }

    /// For a signed-in person: links to what their roles allow.
    pub fn new(title: &str, viewer: &Viewer, current: Section) -> Chrome {
        let mut navigation = Vec::new();
        let mut add = |label: &str, address, section| {
            navigation.push(NavigationItem { label: label.to_owned(), address, current: section == current });
        };
        if let Some(scope) = viewer.scope_of(Action::SeeLicenses) {
            let label = if viewer.vertical_navigation { "Org list" } else { organisation_link(viewer, &scope) };
            add(label, "/organisations", Section::Organisations);
        }
        if viewer.scope_of(Action::SeeAccounts).is_some() {
            add("Accounts", "/desk", Section::Accounts);
        }
        if viewer.scope_of(Action::SeeUsers).is_some() {
            add("Users", "/users", Section::Users);
        }
        if viewer.scope_of(Action::Enrol).is_some() {
            add("Learning experiences", "/experiences", Section::Experiences);
            add("Free up licenses", "/free-up", Section::FreeUp);
        }
        if viewer.scope_of(Action::SeeNotices).is_some() {
            add("Notices", "/notices", Section::Notices);
        }
        if viewer.scope_of(Action::SeeAudit).is_some() {
            add("Audit log", "/audit", Section::Audit);
        }
        if viewer.scope_of(Action::SeeSettings).is_some() {
            add("Settings", "/settings", Section::Settings);
        }
        add("My learning", "/learn", Section::Learning);
        Chrome {
            title: title.to_owned(),
            person: Some(Person { name: viewer.name.clone(), standing: viewer.standing() }),
            navigation,
            vertical: viewer.vertical_navigation,
            banners: if current == Section::Learning { Banners::default() } else { Banners::of(viewer) },
        }
    }

    /// The address of a file under `static/`.
    pub fn asset(&self, name: &str) -> String {
        assets::address(name)
    }
}

/// Without the left-hand bar, the organisation's name is the link.
fn organisation_link<'v>(viewer: &'v Viewer, scope: &Scope) -> &'v str {
    let first = viewer.grants.iter().find_map(|named| named.organisation_name.as_deref());
    match (scope, first) {
        (Scope::Subtrees(_), Some(name)) => name,
        _ => "All organisations",
    }
}

/// The id in an address. A text that is no id is answered like the id of a thing that does not exist.
pub fn id<T: FromStr>(text: &str) -> Result<T, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// A template as a response.
pub fn html(status: StatusCode, page: &impl Template) -> Result<HttpResponse, AppError> {
    let body = page.render().map_err(AppError::internal)?;
    Ok(HttpResponse::build(status).insert_header((CONTENT_TYPE, ContentType::html())).body(body))
}

/// A template as the response of a page that was found.
pub fn ok(page: &impl Template) -> Result<HttpResponse, AppError> {
    html(StatusCode::OK, page)
}

/// After a POST: see the result there.
pub fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((actix_web::http::header::LOCATION, address)).finish()
}
