//! Passwords: hashed with Argon2id (RFC 9106), of which only few run at once.

use std::sync::{Condvar, Mutex, PoisonError};

use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Block, Params, Version};

use super::DomainError;
use crate::model::secret::Secret;
use crate::model::user::{LONGEST_PASSWORD, check_password};
use crate::store::users::PasswordHash;

/// How many hashes are computed at once; each holds 19 MiB.
const AT_ONCE: usize = 4;

/// What is verified where there is no password: of the cost of every other, and of no password.
pub const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LW5vYm9keS1ubw\
    $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

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

/// Whether `password` is the one that `hash` was made of, at the cost that it names; with
/// [`NOBODY`]'s hash it never is. As slow as [`hash`]. One that is too long is not hashed.
pub fn verify(password: &Secret, hash: &str) -> Result<bool, DomainError> {
    let broken = |e: &dyn std::fmt::Display| DomainError::Internal(format!("a password hash: {e}"));
    if password.expose().len() > LONGEST_PASSWORD {
        return Ok(false);
    }
    let kept = phc::PasswordHash::new(hash).map_err(|e| broken(&e))?;
    let (Some(salt), Some(expected)) = (kept.salt, kept.hash) else {
        return Err(broken(&"it has no salt or no hash"));
    };
    let algorithm = Algorithm::try_from(kept.algorithm.as_str()).map_err(|e| broken(&e))?;
    let params = Params::try_from(&kept).map_err(|e| broken(&e))?;
    let _permit = Permit::wait();
    let mut memory = vec![Block::default(); params.block_count()];
    let mut computed = vec![0; expected.len()];
    Argon2::new(algorithm, Version::V0x13, params)
        .hash_password_into_with_memory(
            password.expose().as_bytes(),
            salt.as_ref(),
            &mut computed,
            &mut memory,
        )
        .map_err(|e| broken(&e))?;
    // Outputs are compared in constant time.
    Ok(phc::Output::new(&computed).map_err(|e| broken(&e))? == expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn a_hash_names_its_cost_and_never_repeats() {
        let password = secret("correct horse battery");
        let first = hash(&password, false).unwrap().hash;
        assert!(
            first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{first}"
        );
        assert_ne!(first, hash(&password, false).unwrap().hash);
    }

    #[test]
    fn only_the_password_that_was_hashed_is_right() {
        let right = secret("correct horse battery");
        let hash = hash(&right, false).unwrap().hash;
        assert!(verify(&right, &hash).unwrap());
        for wrong in ["correct horse batterx", "", &"x".repeat(513)] {
            assert!(!verify(&secret(wrong), &hash).unwrap(), "{wrong}");
            assert!(!verify(&secret(wrong), NOBODY).unwrap(), "{wrong}");
        }
        assert!(verify(&right, "").is_err());
    }
}
