//! What tests read from answers again and again.

use reqwest::blocking::Response;
use uuid::Uuid;

use super::app::{Page, Visitor};

/// Where a POST that was done leads.
pub fn location(response: &Response) -> String {
    assert_eq!(response.status(), 303);
    response.headers()["location"].to_str().expect("an address").to_owned()
}

/// The value of a hidden field, the last one where it repeats.
pub fn hidden(page: &Page, name: &str) -> String {
    page.attributes(&format!("main input[type=hidden][name={name}]"), "value").pop().unwrap_or_default()
}

/// The figure "Used" of an organisation's report, as it is shown.
pub fn used(visitor: &Visitor<'_>, organisation: Uuid) -> String {
    visitor.page(&format!("/organisations/{organisation}/licenses")).rows()[0][2].clone()
}
