//! Where a proxy says that a request came from.

use std::net::{IpAddr, Ipv6Addr};

use actix_web::http::header::{FORWARDED, HeaderMap, X_FORWARDED_FOR};

/// The headers that say it.
pub const HEADERS: [&str; 2] = ["x-forwarded-for", "forwarded"];

/// What the nearest proxy added: the last entry of the last header, since a client can send the
/// others. X-Forwarded-For goes before Forwarded, which most proxies pass on as it came.
pub fn client(headers: &HeaderMap) -> Option<IpAddr> {
    if let Some(value) = headers.get_all(X_FORWARDED_FOR).last() {
        return address(value.to_str().ok()?.rsplit(',').next()?.trim());
    }
    let value = headers.get_all(FORWARDED).last()?.to_str().ok()?;
    let (_, entry) = split_off_last(value, ',');
    address(node(entry)?)
}

/// The value of `for` in an entry of Forwarded, without its quotes.
fn node(entry: &str) -> Option<&str> {
    let (before, pair) = split_off_last(entry, ';');
    let of_pair = || {
        let (name, value) = pair.split_once('=')?;
        let value = value.trim();
        let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        name.trim().eq_ignore_ascii_case("for").then_some(unquoted.unwrap_or(value))
    };
    before.and_then(node).or_else(of_pair)
}

/// What is behind the last separator that is not in quotes, and what is before it. Read from the
/// end, which the proxy has written: quotes that a client left open do not matter.
fn split_off_last(text: &str, separator: char) -> (Option<&str>, &str) {
    let mut quoted = false;
    for (at, char) in text.char_indices().rev() {
        let escapes = || text[..at].bytes().rev().take_while(|byte| *byte == b'\\').count();
        if char == '"' && escapes().is_multiple_of(2) {
            quoted = !quoted;
        } else if char == separator && !quoted {
            return (Some(&text[..at]), &text[at + 1..]);
        }
    }
    (None, text)
}

/// An address with or without a port; that of IPv6 in brackets where there is one.
fn address(text: &str) -> Option<IpAddr> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        return (port.is_empty() || port.starts_with(':')).then(|| address.parse::<Ipv6Addr>().ok())?.map(IpAddr::V6);
    }
    let is_v6 = text.matches(':').count() > 1;
    let without_port = if is_v6 { text } else { text.split(':').next()? };
    without_port.parse().ok()
}
