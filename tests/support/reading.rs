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

/// Sends a form as a page that was looked at does, with what it carries.
pub fn answered(visitor: &Visitor<'_>, shown: &str, action: &str, fields: &[(&str, &str)]) -> Response {
    let page = visitor.page(shown);
    let carried = ["seen", "version"].map(|name| (name, hidden(&page, name)));
    let carried = carried.iter().map(|(name, value)| (*name, value.as_str())).filter(|(_, value)| !value.is_empty());
    visitor.post(action, &carried.chain(fields.iter().copied()).collect::<Vec<_>>())
}

/// The same, where the page has the address to which it is sent, and the values are in its query.
pub fn seen_and_sent(visitor: &Visitor<'_>, action: &str, fields: &[(&str, &str)]) -> Response {
    let url = reqwest::Url::parse_with_params("http://page", fields).expect("a query");
    answered(visitor, &format!("{action}?{}", url.query().unwrap_or_default()), action, fields)
}

/// The figure "Used" of an organisation's report, as it is shown.
pub fn used(visitor: &Visitor<'_>, organisation: Uuid) -> String {
    visitor.page(&format!("/organisations/{organisation}/licenses")).rows()[0][2].clone()
}
