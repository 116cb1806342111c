//! Which passwords are accepted (`quality.md` section 2, number 4): long enough, not among the
//! ones that everybody tries first, and no rules on their composition.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The shortest password, in characters.
pub const SHORTEST: usize = 8;
/// The longest password, in characters.
pub const LONGEST: usize = 128;

/// One a line, lower case. From Django's list of common passwords; see common_passwords.README.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// Why a password is not accepted; the text is for the person who chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Fewer than [`SHORTEST`] characters.
    #[error("The password needs at least {SHORTEST} characters.")]
    TooShort,
    /// More than [`LONGEST`] characters.
    #[error("The password can have at most {LONGEST} characters.")]
    TooLong,
    /// The person's own username or e-mail address.
    #[error("This is the username or e-mail address, and would be guessed at once. Choose another password.")]
    Own,
    /// On the list of common passwords, or nothing but blanks.
    #[error("This password is one of the most common ones and would be guessed at once. Choose another.")]
    Common,
}

/// Accepts or refuses a password that somebody wants to have from now on, who is called by these `names`.
pub fn check(password: &str, names: &[&str]) -> Result<(), Refused> {
    let lower = password.to_lowercase();
    match password.chars().count() {
        length if length < SHORTEST => Err(Refused::TooShort),
        length if length > LONGEST => Err(Refused::TooLong),
        _ if COMMON.contains(lower.as_str()) || lower.trim().is_empty() => Err(Refused::Common),
        _ if names.iter().any(|name| name.trim().to_lowercase() == lower.trim()) => Err(Refused::Own),
        _ => Ok(()),
    }
}
