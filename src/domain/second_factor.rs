//! A second factor: switched on and off by its user, asked for at the sign-in.

use serde_json::{Value, json};

use super::becoming::{check_becomes, viewer};
use super::secret::DigestKeys;
use super::{Act, DomainError, Obstacle};
use crate::ambient::{random_text, random_uuid};
use crate::model::change::Change;
use crate::model::ids::UserId;
use crate::model::second_factor::{
    MOST_TRIES, RECOVERY_CODES, RecoveryCode, SecondFactor, TRIES_TIME,
};
use crate::model::secret::{Secret, SecretBytes};
use crate::model::timestamp::Timestamp;
use crate::model::user::User;
use crate::signing::{MasterKey, Place, Purpose, one_time_code};
use crate::store::{AnyConnection, StoreError, recovery_codes, second_factors, users};

/// Letters and digits that cannot be taken for one another.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Three groups of four: 59 bits.
const GROUPS: usize = 3;
const GROUP_LENGTH: usize = 4;

/// How it stands with a user's second factor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    Off,
    /// Since when, and how many recovery codes are left.
    On(Timestamp, usize),
}

/// A secret that waits for its first code, as it is shown.
pub struct Begun {
    /// In Base32.
    pub secret: Secret,
    /// The same with all that an app wants to know, for a QR code.
    pub address: Secret,
}

impl Begun {
    fn new(secret: &SecretBytes, user: &User) -> Self {
        Self {
            secret: Secret::new(one_time_code::to_base32(secret)),
            address: Secret::new(one_time_code::address(secret, &user.login)),
        }
    }
}

/// What came of a first code.
pub enum Confirmed {
    /// It is on; the recovery codes, which are shown once.
    On(Vec<Secret>),
    WrongCode(Begun),
    /// It is on already, and its recovery codes were shown.
    OnAlready,
    /// Nothing waits for a code: it has to be begun anew.
    NotBegun,
}

/// What came of a code at the sign-in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Checked {
    Right,
    Wrong,
    /// Too many were wrong: how many seconds to wait. A recovery code still works.
    Wait(i64),
}

pub fn find(c: &mut AnyConnection, user: UserId) -> Result<Standing, StoreError> {
    let since = second_factors::find(c, user)?.and_then(|factor| factor.confirmed_at);
    let Some(since) = since else {
        return Ok(Standing::Off);
    };
    let codes = recovery_codes::list(c, user)?;
    let left = codes.iter().filter(|code| code.used_at.is_none()).count();
    Ok(Standing::On(since, left))
}

/// Makes a new secret, which waits for its first code; one that waited before is thrown away.
pub fn begin(
    c: &mut AnyConnection,
    act: &Act,
    master_key: &MasterKey,
    user: &User,
) -> Result<Begun, DomainError> {
    if second_factors::find(c, user.id)?.is_some_and(|factor| factor.confirmed_at.is_some()) {
        return Err(DomainError::FailedPrecondition(Obstacle::SecondFactorOn));
    }
    second_factors::delete(c, user.id)?;
    let secret = one_time_code::generate();
    let factor = SecondFactor {
        user_id: user.id,
        sealed: master_key.seal(&place(&user.id.to_string()), secret.expose()),
        last_step: 0,
        tries: 0,
        tries_since_at: act.now,
        created_at: act.now,
        confirmed_at: None,
    };
    second_factors::create(c, &factor)?;
    Ok(Begun::new(&secret, user))
}

/// Switches it on, if this is the first code of what was begun.
pub fn confirm(
    c: &mut AnyConnection,
    act: &Act,
    master_key: &MasterKey,
    keys: &DigestKeys,
    user: &User,
    code: &str,
) -> Result<Confirmed, DomainError> {
    let found = second_factors::find(c, user.id)?;
    if found.as_ref().is_some_and(|f| f.confirmed_at.is_some()) {
        return Ok(Confirmed::OnAlready);
    }
    let Some(mut factor) = found.filter(|factor| factor.is_being_set_up(act.now)) else {
        return Ok(Confirmed::NotBegun);
    };
    let secret = open(master_key, &factor)?;
    let Some(step) = one_time_code::matched_step(&secret, &typed(code), act.now.seconds()) else {
        return Ok(Confirmed::WrongCode(Begun::new(&secret, user)));
    };
    factor.last_step = step;
    factor.confirmed_at = Some(act.now);
    second_factors::update(c, &factor)?;
    let codes = make_codes(c, act, keys, user.id)?;
    record_change(c, act, user.id, "user.second_factor_on")?;
    Ok(Confirmed::On(codes))
}

/// Switches it off: one's own, or that of somebody who lost it, which is taking a part of theirs.
pub fn turn_off(c: &mut AnyConnection, act: &Act, user: UserId) -> Result<(), DomainError> {
    let is_own = act.authority.bounds.is_none() && act.authority.user() == Some(user);
    if !is_own {
        let whose = users::find(c, user)?.filter(|_| act.authority.reaches_user(user));
        let whose = whose.ok_or(DomainError::NotFound("user"))?;
        check_becomes(c, &act.authority, viewer(&whose), whose.role)?;
    }
    if second_factors::find(c, user)?.is_none() {
        return Ok(());
    }
    forget(c, user)?;
    record_change(c, act, user, "user.second_factor_off")
}

/// Forgets everything about it.
pub fn forget(c: &mut AnyConnection, user: UserId) -> Result<(), StoreError> {
    second_factors::delete(c, user)?;
    recovery_codes::delete_all(c, user)
}

/// Makes new recovery codes; the old ones are worth nothing from then on.
pub fn renew_codes(
    c: &mut AnyConnection,
    act: &Act,
    keys: &DigestKeys,
    user: UserId,
) -> Result<Vec<Secret>, DomainError> {
    if find(c, user)? == Standing::Off {
        return Err(DomainError::FailedPrecondition(Obstacle::SecondFactorOff));
    }
    let codes = make_codes(c, act, keys, user)?;
    record(c, act, user, "user.recovery_codes_made", json!({}))?;
    Ok(codes)
}

/// Whether a code is right: one that changes with time, or a recovery code. Either is used once.
pub fn check(
    c: &mut AnyConnection,
    act: &Act,
    master_key: &MasterKey,
    keys: &DigestKeys,
    user: UserId,
    code: &str,
) -> Result<Checked, DomainError> {
    let factor = second_factors::find(c, user)?.filter(|factor| factor.confirmed_at.is_some());
    // It was switched off while the sign-in waited for a code: the password is enough.
    let Some(mut factor) = factor else {
        return Ok(Checked::Right);
    };
    let code = typed(code);
    if use_recovery_code(c, act, keys, user, &code)? {
        return Ok(Checked::Right);
    }
    if let Some(until) = factor.waits_until(act.now) {
        return Ok(Checked::Wait(until.seconds() - act.now.seconds()));
    }
    let secret = open(master_key, &factor)?;
    let step = one_time_code::matched_step(&secret, &code, act.now.seconds());
    let checked = match step.filter(|step| *step > factor.last_step) {
        Some(step) => {
            factor.last_step = step;
            factor.tries = 0;
            Checked::Right
        }
        None => {
            let is_over = act.now >= factor.tries_since_at.plus_seconds(TRIES_TIME);
            if factor.tries == 0 || is_over || factor.tries >= MOST_TRIES {
                factor.tries = 0;
                factor.tries_since_at = act.now;
            }
            factor.tries += 1;
            Checked::Wrong
        }
    };
    second_factors::update(c, &factor)?;
    Ok(checked)
}

fn use_recovery_code(
    c: &mut AnyConnection,
    act: &Act,
    keys: &DigestKeys,
    user: UserId,
    code: &str,
) -> Result<bool, DomainError> {
    let unused = |code: &RecoveryCode| code.used_at.is_none();
    let codes: Vec<RecoveryCode> = recovery_codes::list(c, user)?;
    let mut codes = codes.into_iter().filter(unused);
    let name = user.to_string();
    let is_it =
        |kept: &RecoveryCode| keys.is_digest(Purpose::RecoveryCode, [&name, code], &kept.digest);
    let Some(used) = codes.find(is_it) else {
        return Ok(false);
    };
    recovery_codes::update_used(c, &used.id, act.now)?;
    let left = recovery_codes::list(c, user)?
        .into_iter()
        .filter(unused)
        .count();
    record(
        c,
        act,
        user,
        "user.recovery_code_used",
        json!({"left": left}),
    )?;
    Ok(true)
}

fn make_codes(
    c: &mut AnyConnection,
    act: &Act,
    keys: &DigestKeys,
    user: UserId,
) -> Result<Vec<Secret>, DomainError> {
    recovery_codes::delete_all(c, user)?;
    let key = keys.newest();
    let name = user.to_string();
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let groups: Vec<String> = (0..GROUPS)
            .map(|_| random_text(ALPHABET, GROUP_LENGTH))
            .collect();
        let digest = key.digest(Purpose::RecoveryCode, [&name, &groups.concat()]);
        let kept = RecoveryCode {
            id: random_uuid().to_string(),
            user_id: user,
            digest: digest.to_text(),
            digest_key_id: key.id().to_owned(),
            created_at: act.now,
            used_at: None,
        };
        recovery_codes::create(c, &kept)?;
        codes.push(Secret::new(groups.join("-")));
    }
    Ok(codes)
}

/// A code as it was meant: apps and people put spaces and hyphens between.
fn typed(code: &str) -> String {
    let plain = code.chars().filter(|c| !matches!(c, ' ' | '-'));
    plain.flat_map(char::to_lowercase).collect()
}

fn open(master_key: &MasterKey, factor: &SecondFactor) -> Result<SecretBytes, DomainError> {
    let row = factor.user_id.to_string();
    let opened = master_key.open(&place(&row), &factor.sealed);
    opened.map_err(|e| DomainError::Internal(format!("a second factor: {e}")))
}

fn place(row: &str) -> Place<'_> {
    let table = second_factors::TABLE;
    Place { table, row }
}

/// The directory keeps with a user whether it is on.
fn record_change(
    c: &mut AnyConnection,
    act: &Act,
    user: UserId,
    kind: &'static str,
) -> Result<(), DomainError> {
    let object = ("user", user.to_string());
    Ok(act.record(c, &[Change::User(user)], kind, object, json!({}))?)
}

fn record(
    c: &mut AnyConnection,
    act: &Act,
    user: UserId,
    kind: &'static str,
    details: Value,
) -> Result<(), DomainError> {
    Ok(act.record(c, &[], kind, ("user", user.to_string()), details)?)
}
