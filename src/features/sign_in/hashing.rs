//! Argon2id with bounded memory: a few hashes at a time, whatever the number of sign-ins.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use actix_web::web;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::error::AppError;

/// 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// Each takes a core for some 30 ms and 19 MiB.
const AT_ONCE: usize = 2;

/// How long a sign-in waits for its turn before it is told that the program is busy.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the password of an unknown user is compared with, so that it takes as long as for a
/// known one.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash("nobody has this password").ok());

/// Hashes and verifies passwords. Clones share the limit.
#[derive(Clone)]
pub struct Hasher(Arc<Semaphore>);

impl Default for Hasher {
    fn default() -> Hasher {
        Hasher(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Hasher {
    /// Is this the password behind the hash? Without a hash the answer is no, just as late.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, AppError> {
        self.in_turn(move || {
            let matches = verify(&password, hash.as_deref().or(NOBODY.as_deref()).unwrap_or_default());
            matches && hash.is_some()
        })
        .await
    }

    /// Hashes a new password, as a PHC string.
    pub async fn hash(&self, password: String) -> Result<String, AppError> {
        self.in_turn(move || hash(&password)).await?.map_err(AppError::Internal)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.0).acquire_owned())
            .await
            .map_err(|_| AppError::Busy("too many sign-ins at once".into()))?
            .map_err(AppError::internal)?;
        web::block(move || {
            let _turn = turn; // until the work is done, even if nobody waits for it any more
            work()
        })
        .await
        .map_err(AppError::internal)
    }
}

fn argon2() -> anyhow::Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password, as a PHC string.
pub fn hash(password: &str) -> anyhow::Result<String> {
    let hash = argon2()?.hash_password(password.as_bytes()).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(hash.to_string())
}

/// Is this the password behind the hash?
pub fn verify(password: &str, hash: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(hash) else { return false };
    argon2().is_ok_and(|argon2| argon2.verify_password(password.as_bytes(), &parsed).is_ok())
}
