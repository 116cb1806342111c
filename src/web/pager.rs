//! The pages of a long list.

use crate::web::format::grouped_count;

/// What stands under a list.
#[derive(Debug)]
pub struct Pager {
    /// "1 to 100 of 1,000"; empty when there is one page.
    pub range: String,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
}

impl Pager {
    /// For page `number` (the first is 1) of `total` rows, at an address with a query.
    pub fn new(address: &str, query: &str, number: u32, page_size: u32, total: u64) -> Pager {
        let size = u64::from(page_size);
        let first = u64::from(number.saturating_sub(1)) * size + 1;
        let last = total.min(first + size - 1);
        let to = |number: u32| match (query, number) {
            ("", 1) => address.to_owned(),
            ("", number) => format!("{address}?page={number}"),
            (query, 1) => format!("{address}?{query}"),
            (query, number) => format!("{address}?{query}&page={number}"),
        };
        let several = total > size;
        Pager {
            range: if several && first <= last {
                format!("{} to {} of {}", grouped_count(first), grouped_count(last), grouped_count(total))
            } else {
                String::new()
            },
            previous: (several && number > 1).then(|| to(number - 1)),
            next: (last < total).then(|| to(number.saturating_add(1))),
        }
    }
}

/// The page that an address asks for; the first when it does not say or cannot be read.
pub fn page_number(asked: Option<&str>) -> u32 {
    asked.and_then(|text| text.parse().ok()).filter(|number| *number > 0).unwrap_or(1)
}

/// A query string from pairs, those without a value left out.
pub fn query_string<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        if !value.as_ref().is_empty() {
            query.append_pair(name.as_ref(), value.as_ref());
        }
    }
    query.finish()
}

/// An address with a query, which may be empty.
pub fn with_query<N: AsRef<str>, V: AsRef<str>>(address: &str, pairs: impl IntoIterator<Item = (N, V)>) -> String {
    match query_string(pairs) {
        query if query.is_empty() => address.to_owned(),
        query => format!("{address}?{query}"),
    }
}
