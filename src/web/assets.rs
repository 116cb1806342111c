//! The files under `static/`, built into the program, compressed at build time, and served under
//! an address that changes with their contents, so that browsers may keep them forever.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, VARY,
};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed_for_web::{EmbedableFile, RustEmbed};
use sha2::{Digest, Sha256};

use crate::error::AppError;

#[derive(RustEmbed)]
#[folder = "static/"]
#[exclude = "*.md"]
struct Files;

/// The files of `static/` by name, with a short hash of each.
static VERSIONS: LazyLock<HashMap<&'static str, String>> = LazyLock::new(|| {
    ["app.css", "pico.min.css", "select.js", "dates.js", "progress.js", "waiting.js", "icon.svg"]
        .into_iter()
        .filter_map(|name| {
            let hash = Sha256::digest(Files::get(name)?.data());
            Some((name, hash[..6].iter().map(|byte| format!("{byte:02x}")).collect()))
        })
        .collect()
});

/// The address of a file, with its version.
pub fn address(name: &str) -> String {
    match VERSIONS.get(name) {
        Some(version) => format!("/static/{name}?v={version}"),
        None => format!("/static/{name}"),
    }
}

/// GET `/static/{name}`. Only names of the list: a debug build reads the files from the disk,
/// and must not be led out of the folder.
pub async fn serve(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, AppError> {
    let (Some(version), Some(file)) = (VERSIONS.get(name.as_str()), Files::get(&name)) else {
        return Err(AppError::NotFound);
    };
    let etag = format!("\"{version}\"");
    let current = request.query_string() == format!("v={version}");
    let caching = if current { "public, max-age=31536000, immutable" } else { "no-cache" };

    let mut response = HttpResponse::Ok();
    response
        .insert_header((CACHE_CONTROL, caching))
        .insert_header((ETAG, etag.clone()))
        .insert_header((VARY, "Accept-Encoding"));
    if request.headers().get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return Ok(response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    if let Some(kind) = file.mime_type() {
        let kind: &str = kind.as_ref();
        response.insert_header((CONTENT_TYPE, kind.to_owned()));
    }
    let accepted = request.headers().get(ACCEPT_ENCODING).map(HeaderValue::to_str).and_then(Result::ok).unwrap_or("");
    let (encoding, body) = if let Some(data) = file.data_br().filter(|_| accepted.contains("br")) {
        (Some("br"), data)
    } else if let Some(data) = file.data_gzip().filter(|_| accepted.contains("gzip")) {
        (Some("gzip"), data)
    } else {
        (None, file.data())
    };
    if let Some(encoding) = encoding {
        response.insert_header((CONTENT_ENCODING, encoding));
    }
    let body: &[u8] = body.as_ref();
    Ok(response.body(body.to_vec()))
}
