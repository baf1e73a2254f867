//! Passwords: hashed with Argon2id (RFC 9106), of which only few run at once.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Block, Params, Version};

use super::{DomainError, spare_time};
use crate::ambient::random_bytes;
use crate::model::password::{LONGEST_PASSWORD, check_password};
use crate::model::secret::Secret;
use crate::model::text::composed;
use crate::store::users::PasswordHash;

/// How many hashes are computed at once; each holds 19 MiB.
pub(super) const AT_ONCE: usize = 4;
const SALT_BYTES: usize = 16;

/// What is verified where there is no password: of the cost of every other, and of no password.
pub const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LW5vYm9keS1ubw\
    $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// How many blocks of 1 KiB are asked for at least: of such a size no allocator keeps what is freed
/// (glibc does up to 32 MiB), where smaller things come to lie in it and each further hash takes
/// new memory. What is not touched of it takes none.
const ASKED_FOR: usize = 33 * 1024;

/// Who hashes, and with what.
struct Shared {
    running: usize,
    /// How many [`Warm`] there are.
    warm: usize,
    /// What was used, for the next.
    idle: Vec<Vec<Block>>,
}

static SHARED: Mutex<Shared> = Mutex::new(Shared {
    running: 0,
    warm: 0,
    idle: Vec::new(),
});
static ENDED: Condvar = Condvar::new();

fn shared() -> MutexGuard<'static, Shared> {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// While one of these is there, the memory of a hash is kept for the next one: to get it anew costs
/// nearly as much as the hash.
pub struct Warm(());

impl Warm {
    pub fn begin() -> Self {
        shared().warm += 1;
        Self(())
    }
}

impl Drop for Warm {
    fn drop(&mut self) {
        let mut shared = shared();
        shared.warm -= 1;
        if shared.warm == 0 {
            shared.idle = Vec::new();
        }
    }
}

/// Leave to hash, with the memory for it; both are given back when the hashing ends, however it
/// ends.
struct Permit {
    memory: Vec<Block>,
}

impl Permit {
    fn wait() -> Self {
        let mut shared = shared();
        while shared.running >= AT_ONCE {
            shared = ENDED.wait(shared).unwrap_or_else(PoisonError::into_inner);
        }
        shared.running += 1;
        Self {
            memory: shared.idle.pop().unwrap_or_default(),
        }
    }

    /// Argon2id's output for these: `length` bytes.
    fn compute(
        &mut self,
        params: Params,
        password: &Secret,
        salt: &[u8],
        length: usize,
    ) -> Result<Vec<u8>, argon2::Error> {
        let blocks = params.block_count();
        if self.memory.len() < blocks {
            self.memory = Vec::with_capacity(blocks.max(ASKED_FOR));
            self.memory.resize(blocks, Block::default());
        }
        let mut output = vec![0; length];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
            password.expose().as_bytes(),
            salt,
            &mut output,
            &mut self.memory[..blocks],
        )?;
        Ok(output)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut shared = shared();
        shared.running -= 1;
        if shared.warm > 0 {
            shared.idle.push(std::mem::take(&mut self.memory));
        }
        drop(shared);
        ENDED.notify_one();
    }
}

/// Argon2id's output for these, of `length` bytes, in spare time where the thread has an idler.
fn argon2id(
    params: Params,
    password: &Secret,
    salt: &[u8],
    length: usize,
) -> Result<Vec<u8>, argon2::Error> {
    let (password, salt) = (password.clone(), salt.to_owned());
    spare_time::run(move || Permit::wait().compute(params.clone(), &password, &salt, length))
}

/// A password as it is hashed: composed (RFC 8265 section 4.2, OpaqueString), so that it is the same
/// whichever keyboard wrote it.
fn as_hashed(password: &Secret) -> Secret {
    Secret::new(composed(password.expose()).into_owned())
}

/// Checks a new password of whoever has this login.
pub fn check(password: &Secret, login: &str) -> Result<(), DomainError> {
    check_password(password.expose(), login).map_err(|e| DomainError::invalid("password", e))
}

/// Checks and hashes a new password. It takes tens of milliseconds: never on a thread that serves
/// requests, never inside a transaction.
pub fn hash(password: &Secret, temporary: bool) -> Result<PasswordHash, DomainError> {
    check(password, "")?;
    hash_as_it_is(&as_hashed(password), temporary)
}

fn hash_as_it_is(password: &Secret, temporary: bool) -> Result<PasswordHash, DomainError> {
    let failed = |e: &dyn std::fmt::Display| DomainError::Internal(e.to_string());
    // OWASP's first choice of m = 19 MiB, t = 2, p = 1.
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|e| failed(&e))?;
    let written = phc::ParamsString::try_from(&params).map_err(|e| failed(&e))?;
    let salt = random_bytes::<SALT_BYTES>();
    let output = argon2id(params, password, &salt, Params::DEFAULT_OUTPUT_LEN);
    let output = output.map_err(|e| failed(&e))?;
    let hash = phc::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: written,
        salt: Some(phc::Salt::new(&salt).map_err(|e| failed(&e))?),
        hash: Some(phc::Output::new(&output).map_err(|e| failed(&e))?),
    };
    Ok(PasswordHash {
        hash: hash.to_string(),
        temporary,
        // Whoever gives it knows since when it is good.
        ends_at: None,
    })
}

/// What came of verifying a password.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Match {
    Wrong,
    Right,
    /// Right as it was typed, not as it is hashed today: a version hashed it that did not compose.
    RightAsTyped,
}

/// Whether `password` is the one that `hash` was made of, composed or, for old hashes, as it was typed;
/// at the cost that the hash names. With [`NOBODY`]'s hash it never is. As slow as [`hash`], twice so
/// where what was typed is not composed, whosever the hash is.
pub fn verify(password: &Secret, hash: &str) -> Result<Match, DomainError> {
    let is_short = password.expose().len() <= LONGEST_PASSWORD;
    let as_hashed = as_hashed(password);
    if verify_as_it_is(&as_hashed, hash)? {
        return Ok(Match::Right);
    }
    let differs = is_short && as_hashed.expose() != password.expose();
    Ok(match differs && verify_as_it_is(password, hash)? {
        true => Match::RightAsTyped,
        false => Match::Wrong,
    })
}

/// The hash of a password that was right as it was typed, as it is hashed today. It is not checked: the
/// user has it already.
pub fn hash_again(password: &Secret, before: &PasswordHash) -> Result<PasswordHash, DomainError> {
    let again = hash_as_it_is(&as_hashed(password), before.temporary)?;
    Ok(PasswordHash {
        ends_at: before.ends_at,
        ..again
    })
}

/// The same for this very text. One that is too long is not hashed.
fn verify_as_it_is(password: &Secret, hash: &str) -> Result<bool, DomainError> {
    let broken = |e: &dyn std::fmt::Display| DomainError::Internal(format!("a password hash: {e}"));
    if password.expose().len() > LONGEST_PASSWORD {
        return Ok(false);
    }
    let kept = phc::PasswordHash::new(hash).map_err(|e| broken(&e))?;
    let (Some(salt), Some(expected)) = (kept.salt, kept.hash) else {
        return Err(broken(&"it has no salt or no hash"));
    };
    if kept.algorithm != Algorithm::Argon2id.ident() {
        return Err(broken(&"it is not Argon2id"));
    }
    let params = Params::try_from(&kept).map_err(|e| broken(&e))?;
    let computed = argon2id(params, password, salt.as_ref(), expected.len());
    let computed = computed.map_err(|e| broken(&e))?;
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
        assert_eq!(verify(&right, &hash).unwrap(), Match::Right);
        for wrong in ["correct horse batterx", "", "и\u{306}", &"x".repeat(513)] {
            assert_eq!(
                verify(&secret(wrong), &hash).unwrap(),
                Match::Wrong,
                "{wrong}"
            );
            assert_eq!(
                verify(&secret(wrong), NOBODY).unwrap(),
                Match::Wrong,
                "{wrong}"
            );
        }
        assert!(verify(&right, "").is_err());
        // It does not come to the hash.
        assert_eq!(verify(&secret(&"x".repeat(513)), "").unwrap(), Match::Wrong);
    }

    #[test]
    fn a_password_is_the_same_however_its_letters_are_put_together() {
        let (one, two) = (
            secret("мой старый ёжик"),
            secret("мои\u{306} старыи\u{306} е\u{308}жик"),
        );
        let now = hash(&two, true).unwrap();
        for typed in [&one, &two] {
            assert_eq!(verify(typed, &now.hash).unwrap(), Match::Right);
        }
        let before = hash_as_it_is(&two, true).unwrap();
        assert_eq!(verify(&two, &before.hash).unwrap(), Match::RightAsTyped);
        assert_eq!(verify(&one, &before.hash).unwrap(), Match::Wrong);
        let again = hash_again(&two, &before).unwrap();
        assert!(again.temporary);
        assert_eq!(verify(&one, &again.hash).unwrap(), Match::Right);
    }

    #[test]
    fn however_many_hash_at_once_the_memory_is_that_of_a_few_and_goes_in_the_end() {
        let hash = hash(&secret("correct horse battery"), false).unwrap().hash;
        let warm = Warm::begin();
        std::thread::scope(|scope| {
            for n in 0..12 {
                let hash = &hash;
                scope.spawn(move || verify(&secret(&n.to_string()), hash).unwrap());
            }
        });
        // Those that other tests run now hold theirs.
        let kept = {
            let shared = shared();
            shared.idle.len() + shared.running
        };
        assert!((1..=AT_ONCE).contains(&kept), "{kept}");
        drop(warm);
        // As long as another test has passwords hashed, memory is kept for those.
        while shared().warm > 0 {
            std::thread::yield_now();
        }
        assert_eq!(shared().idle.len(), 0);
    }
}
