//! What can go wrong with a request, and what the person is told.
//!
//! Rule texts reach people; the inside of a failure reaches the log only, under the same
//! reference that the page shows.

use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, LOCATION, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use rand::distr::{Alphanumeric, SampleString};

use crate::db::stored;

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Nobody is signed in; `next` is the address to come back to.
    #[error("not signed in")]
    SignInRequired {
        /// A path of this program, or nothing after a POST.
        next: Option<String>,
    },
    /// It does not exist, or not for this person: the two look the same.
    #[error("not found")]
    NotFound,
    /// The person's role does not allow it.
    #[error("the role does not allow this")]
    Forbidden,
    /// The role allows it in general, but not here; the text is for the person.
    #[error("not within the person's reach: {0}")]
    Beyond(&'static str),
    /// The request did not come from a page of this program.
    #[error("cross-site request refused: {0}")]
    CrossSite(&'static str),
    /// The request cannot be understood; the text is for the person.
    #[error("unusable request: {0}")]
    Unusable(String),
    /// More work than the program takes on at once.
    #[error("too busy: {0}")]
    Busy(String),
    /// As many files are being downloaded as the database has connections for.
    #[error("too many downloads at once")]
    TooManyDownloads,
    /// The connection broke while a change was being stored: the database may have stored it or not.
    #[error("not known whether it was stored: {0}")]
    Unconfirmed(String),
    /// The database cannot be reached.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// A mistake of ours.
    #[error("internal error: {0:#}")]
    Internal(anyhow::Error),
}

/// What a page with an error says. Made once for an error, shown in the page chrome.
#[derive(Debug, Clone)]
pub struct ErrorReport {
    /// The status of the response.
    pub status: StatusCode,
    /// What is the matter, in a few words.
    pub heading: &'static str,
    /// What to do next.
    pub advice: String,
    /// Finds the entry in the log.
    pub reference: String,
}

impl ErrorReport {
    /// The words for a status that came without an [`AppError`].
    pub fn for_status(status: StatusCode) -> ErrorReport {
        let (heading, advice) = match status {
            StatusCode::METHOD_NOT_ALLOWED => {
                ("This cannot be done here", "Go back to the page that you came from and use its buttons.")
            }
            StatusCode::PAYLOAD_TOO_LARGE => ("Too much was sent", "Send less at once."),
            status if status.is_client_error() => {
                ("The request was not understood", "Go back, check what you entered, and try again.")
            }
            _ => (WENT_WRONG, went_wrong_advice()),
        };
        ErrorReport { status, heading, advice: advice.to_owned(), reference: new_reference() }
    }
}

/// A mark on the response that sends somebody to the sign-in page, for `web::unsent`.
#[derive(Debug, Clone, Copy)]
pub struct SignInAsked;

const WENT_WRONG: &str = "Something went wrong";

fn went_wrong_advice() -> &'static str {
    if stored::by_this_request() {
        "Something was stored before it went wrong: look what is there before you do it again. Whoever runs this \
         program finds the cause in the log by the reference below."
    } else {
        "Nothing was changed. Try again; if it happens again, tell whoever runs this program the reference below: it \
         finds the cause in the log."
    }
}

/// Ten characters that are easy to read out and rare enough to find one line in a log.
fn new_reference() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), 10).to_uppercase()
}

impl AppError {
    /// Any failure that should not happen.
    pub fn internal(error: impl Into<anyhow::Error>) -> AppError {
        AppError::Internal(error.into())
    }

    /// In how many seconds the same request may work; none when nobody should send it again unseen.
    fn retry_after(&self) -> Option<&'static str> {
        match self {
            AppError::Busy(_) | AppError::Unavailable(_) if stored::by_this_request() => None,
            AppError::Busy(_) | AppError::Unavailable(_) => Some("5"),
            AppError::TooManyDownloads => Some("60"),
            _ => None,
        }
    }

    fn words(&self) -> (&'static str, String) {
        match self {
            AppError::SignInRequired { .. } => ("Sign in first", "Sign in and try again.".into()),
            AppError::NotFound => (
                "Page not found",
                "It may have been moved or deleted, or it belongs to an organisation that you cannot see. \
                 Check the address, or go on from the start page."
                    .into(),
            ),
            AppError::Forbidden => (
                "You may not do this",
                "Your role does not allow it. Ask somebody whose role does: an org admin of your organisation or, for what \
                 concerns everybody, whoever runs this program."
                    .into(),
            ),
            AppError::Beyond(reason) => ("You may not do this", (*reason).into()),
            AppError::CrossSite(_) => (
                "This form was not sent from here",
                "Nothing was changed. Open the page in this browser, by its own address, and send the form again."
                    .into(),
            ),
            AppError::Unusable(reason) => ("The request was not understood", reason.clone()),
            AppError::Busy(_) | AppError::Unavailable(_) if stored::by_this_request() => {
                ("It was not finished", went_wrong_advice().into())
            }
            AppError::Busy(_) => (
                "Busy, try again in a few seconds",
                "Nothing was changed. Too much is going on at once, or somebody else is changing the same things."
                    .into(),
            ),
            AppError::TooManyDownloads => (
                "Too many downloads at once, try again in a minute",
                "Other files are being downloaded, and there is room for a few at a time only. \
                 This one can be downloaded as soon as one of them is done."
                    .into(),
            ),
            AppError::Unconfirmed(_) => (
                "It is not known whether this was done",
                "The connection to the database broke while the change was being stored. \
                 Look whether it was done before you do it again."
                    .into(),
            ),
            AppError::Unavailable(_) => (
                "The database is not available",
                "Nothing was changed. Headroom comes back by itself as soon as the database does; try again shortly."
                    .into(),
            ),
            AppError::Internal(_) => (WENT_WRONG, went_wrong_advice().into()),
        }
    }
}

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        match self {
            AppError::SignInRequired { .. } => StatusCode::SEE_OTHER,
            AppError::NotFound => StatusCode::NOT_FOUND,
            AppError::Forbidden | AppError::Beyond(_) | AppError::CrossSite(_) => StatusCode::FORBIDDEN,
            AppError::Unusable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            AppError::Busy(_) | AppError::TooManyDownloads | AppError::Unconfirmed(_) | AppError::Unavailable(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            AppError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// With a bare text: `web::error_page` replaces it by a page, in the page chrome.
    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut response = HttpResponse::build(status);
        if let AppError::SignInRequired { next } = self {
            let mut response = response.insert_header((LOCATION, sign_in_address(next.as_deref()))).finish();
            response.extensions_mut().insert(SignInAsked);
            return response;
        }
        if let Some(seconds) = self.retry_after() {
            response.insert_header((RETRY_AFTER, seconds));
        }
        let (heading, advice) = self.words();
        let report = ErrorReport { status, heading, advice, reference: new_reference() };
        // Debug formatting escapes control characters in whatever the message quotes.
        if status.is_server_error() {
            tracing::error!(reference = %report.reference, error = ?self.to_string(), "request failed");
        } else {
            tracing::info!(reference = %report.reference, error = ?self.to_string(), "request refused");
        }
        let text = format!("{}. {} Reference: {}\n", report.heading, report.advice, report.reference);
        let mut response = response.insert_header(ContentType::plaintext()).body(text);
        response.extensions_mut().insert(report);
        response
    }
}

/// The sign-in page, and where it leads afterwards.
fn sign_in_address(next: Option<&str>) -> String {
    match next {
        Some(next) => {
            let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
            format!("/sign-in?{query}")
        }
        None => "/sign-in".to_owned(),
    }
}

impl AppError {
    /// A value that may be there once was written a second time.
    pub fn is_unique_violation(&self) -> bool {
        let AppError::Internal(error) = self else { return false };
        matches!(
            error.downcast_ref::<DieselError>(),
            Some(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
        )
    }
}

impl From<DieselError> for AppError {
    fn from(error: DieselError) -> AppError {
        match &error {
            DieselError::DatabaseError(kind, info) => {
                let message = info.message();
                match kind {
                    DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                        AppError::Unavailable(message.to_owned())
                    }
                    DatabaseErrorKind::SerializationFailure => AppError::Busy(message.to_owned()),
                    // Diesel has no kind for these, and does not pass on the SQLSTATE.
                    _ if message.starts_with("canceling statement due to") || message.contains("deadlock detected") => {
                        AppError::Busy(message.to_owned())
                    }
                    _ if is_connection_loss(message) => AppError::Unavailable(message.to_owned()),
                    _ => AppError::internal(error),
                }
            }
            // A transaction that breaks with its connection cannot even be rolled back.
            DieselError::BrokenTransactionManager | DieselError::RollbackErrorOnCommit { .. } => {
                AppError::Unavailable(error.to_string())
            }
            _ => AppError::internal(error),
        }
    }
}

/// Messages of libpq and of a server that is going down.
fn is_connection_loss(message: &str) -> bool {
    [
        "terminating connection",
        "server closed the connection",
        "no connection to the server",
        "could not receive data",
        "could not send data",
        "the database system is",
        "connection to server",
    ]
    .iter()
    .any(|known| message.contains(known))
}
