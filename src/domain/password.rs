//! Passwords: hashed with Argon2id (RFC 9106), of which only few run at once.

use std::sync::{Condvar, Mutex, PoisonError};

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};

use super::DomainError;
use crate::model::secret::Secret;
use crate::model::user::check_password;
use crate::store::users::PasswordHash;

/// How many hashes are computed at once; each holds 19 MiB.
const AT_ONCE: usize = 4;

static RUNNING: Mutex<usize> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

/// Leave to hash; it is given back when the hashing ends, however it ends.
struct Permit;

impl Permit {
    fn wait() -> Self {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        while *running >= AT_ONCE {
            running = ENDED.wait(running).unwrap_or_else(PoisonError::into_inner);
        }
        *running += 1;
        Self
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        ENDED.notify_one();
    }
}

/// Checks and hashes a new password. It takes tens of milliseconds: never on a thread that serves
/// requests, never inside a transaction.
pub fn hash(password: &Secret, temporary: bool) -> Result<PasswordHash, DomainError> {
    check_password(password.expose()).map_err(|e| DomainError::invalid("password", e))?;
    let _permit = Permit::wait();
    // OWASP's first choice of m = 19 MiB, t = 2, p = 1.
    let params =
        Params::new(19 * 1024, 2, 1, None).map_err(|e| DomainError::Internal(e.to_string()))?;
    let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password(password.expose().as_bytes())
        .map_err(|e| DomainError::Internal(e.to_string()))?
        .to_string();
    Ok(PasswordHash { hash, temporary })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_names_its_cost_and_never_repeats() {
        let password = Secret::new("correct horse battery".to_owned());
        let first = hash(&password, false).unwrap().hash;
        assert!(
            first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{first}"
        );
        assert_ne!(first, hash(&password, false).unwrap().hash);
    }
}
