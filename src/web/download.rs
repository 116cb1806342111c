//! Answers that a browser saves as a file.

use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

/// A CSV file with a header row, in UTF-8. The name must be safe, see [`slug`].
pub fn csv(file_name: &str, body: impl MessageBody + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8; header=present"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{file_name}\"")))
        .body(body)
}

/// A name as part of a file's name: `acme-group`, safe in a header and on every file system. Empty when
/// no letter or digit of it is ASCII.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(60); // ASCII only
    slug.trim_end_matches('-').to_owned()
}
