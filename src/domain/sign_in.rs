//! Signing in: who it is, whether the password is right, and what begins then.
//!
//! Whatever is wrong, the answer is the same, after the same work: one read by the login, and the
//! verification of one hash, which is nobody's if there is no such user.

use serde_json::json;

use super::browser::browser_proof;
use super::password::Match;
use super::second_factor::{self, Checked, Standing};
use super::secret::DigestKeys;
use super::sessions::{self, Browser};
use super::users::PasswordHash;
use super::{Act, Authority, DomainError, half_sign_ins, password};
use crate::model::ids::{SessionId, UserId};
use crate::model::secret::Secret;
use crate::model::session::{CODE_TRIES, Session, Stage};
use crate::model::timestamp::Timestamp;
use crate::model::user::User;
use crate::signing::MasterKey;
use crate::store::{AnyConnection, StoreError, sessions as stored, users};

/// Whoever a login names, if anybody.
pub struct Candidate {
    user: Option<User>,
    password: PasswordHash,
}

/// Why somebody was not let in; never told to them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SignInRefusal {
    #[error("unknown login")]
    Unknown,
    #[error("wrong password")]
    WrongPassword,
    /// It was right, and nobody's own.
    #[error("temporary password ended")]
    Ended,
    #[error("user disabled")]
    Disabled,
    #[error("wrong code")]
    WrongCode,
}

/// What a right password, or a right code after it, begins.
pub struct Entered {
    pub user: User,
    /// Whole, or waiting for a code.
    pub session: Session,
    /// What opens it.
    pub token: Secret,
    /// How often the right password was given without a right code since the last sign-in.
    pub half_sign_ins: usize,
    /// What the browser is known by from now on; nothing while a code is still to come.
    pub proof: Option<String>,
}

/// What came of a code.
pub enum AfterCode {
    Entered(Box<Entered>),
    Wrong,
    /// Too many were wrong: how many seconds to wait. A recovery code still works.
    Wait(i64),
    /// The sign-in does not wait for a code any more.
    Over,
}

/// Reads whoever `login` names, in whatever case.
pub fn read(c: &mut AnyConnection, login: &str) -> Result<Candidate, StoreError> {
    Ok(match users::find_sign_in(c, login)? {
        Some((user, password)) => Candidate {
            user: Some(user),
            password,
        },
        None => Candidate {
            user: None,
            password: nobodys(),
        },
    })
}

fn nobodys() -> PasswordHash {
    PasswordHash {
        hash: password::NOBODY.to_owned(),
        temporary: false,
        ends_at: None,
    }
}

/// What is kept of the password of whoever `login` names.
pub fn find_hash(c: &mut AnyConnection, login: &str) -> Result<Option<String>, StoreError> {
    let found = users::find_sign_in(c, login)?;
    Ok(found.map(|(_, password)| password.hash))
}

/// Reads a user who is to give their password once more.
pub fn read_again(c: &mut AnyConnection, id: UserId) -> Result<Candidate, StoreError> {
    let password = users::find_password(c, id)?;
    Ok(Candidate {
        user: users::find(c, id)?,
        password: password.unwrap_or_else(nobodys),
    })
}

impl Candidate {
    /// Who it is, if this is their password. Slow: see [`password::verify`].
    pub fn verify(self, password: &Secret, now: Timestamp) -> Result<Verified, DomainError> {
        let found = password::verify(password, &self.password.hash)?;
        let has_ended = self.password.ends_at.is_some_and(|end| end <= now);
        let refused = |user: User, why| Ok(Verified::Refused(Some(user.id), why));
        match self.user {
            None => Ok(Verified::Refused(None, SignInRefusal::Unknown)),
            Some(user) if found == Match::Wrong => refused(user, SignInRefusal::WrongPassword),
            Some(user) if user.disabled.is_some() => refused(user, SignInRefusal::Disabled),
            Some(user) if has_ended => refused(user, SignInRefusal::Ended),
            Some(user) => {
                let again = match found {
                    Match::RightAsTyped => Some(password::hash_again(password, &self.password)?),
                    Match::Right | Match::Wrong => None,
                };
                Ok(Verified::Right(Right {
                    user,
                    hash: self.password.hash,
                    again,
                    is_listed: true,
                }))
            }
        }
    }
}

/// What came of a password.
#[allow(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it is handed on at once"
)]
pub enum Verified {
    Right(Right),
    /// Not right, of the user named, if there is one.
    Refused(Option<UserId>, SignInRefusal),
}

/// Somebody whose password was right a moment ago.
pub struct Right {
    pub user: User,
    hash: String,
    /// The hash that is to take its place: it was made of what was typed as it was.
    again: Option<PasswordHash>,
    /// Whether what it begins has an event of its own.
    pub is_listed: bool,
}

impl Right {
    /// Whether all of it still holds: the password was not changed, nor the user switched off,
    /// while it was verified.
    pub fn still_holds(&self, c: &mut AnyConnection) -> Result<bool, StoreError> {
        let user = users::find(c, self.user.id)?;
        let password = users::find_password(c, self.user.id)?;
        Ok(user.is_some_and(|user| user.disabled.is_none())
            && password.is_some_and(|password| password.hash == self.hash))
    }
}

/// Lets somebody in whose password was right, in place of the session that their browser had; with
/// a second factor the session waits for a code first. Answers nothing if the password is not right
/// any more.
pub fn enter(
    c: &mut AnyConnection,
    keys: &DigestKeys,
    right: Right,
    browser: &Browser,
    before: Option<SessionId>,
    now: Timestamp,
    request_id: &str,
) -> Result<Option<Entered>, DomainError> {
    if !right.still_holds(c)? {
        return Ok(None);
    }
    if let Some(again) = &right.again {
        users::update_password(c, right.user.id, again)?;
    }
    if let Some(before) = before {
        stored::delete(c, before)?;
    }
    let stage = match second_factor::find(c, right.user.id)? {
        Standing::On(..) => Stage::Code,
        Standing::Off => Stage::Whole,
    };
    let act = act_of(&right.user, now, request_id);
    let is_listed = right.is_listed;
    let mut entered = begin(c, &act, keys, right.user, stage, browser)?;
    match stage {
        Stage::Code => {
            half_sign_ins::begin(c, &entered.user, &entered.session, before)?;
            if is_listed {
                half_sign_ins::record(c, &act, &entered.user, &entered.session)?;
            }
        }
        Stage::Whole => {
            if is_listed {
                record(c, &act, &entered.user, &entered.session)?;
            }
            entered.half_sign_ins = half_sign_ins::end(c, &act, &entered.user, before)?;
        }
    }
    Ok(Some(entered))
}

/// Lets somebody in who waits to give a code, if it is right.
pub fn enter_with_code(
    c: &mut AnyConnection,
    keys: &DigestKeys,
    master_key: &MasterKey,
    waiting: SessionId,
    code: &str,
    now: Timestamp,
    request_id: &str,
) -> Result<AfterCode, DomainError> {
    let found = sessions::find_again(c, waiting, now)?;
    let Some(found) = found.filter(|found| found.session.stage == Stage::Code) else {
        return Ok(AfterCode::Over);
    };
    let (user, session) = (found.user, found.session);
    let act = act_of(&user, now, request_id);
    match second_factor::check(c, &act, master_key, keys, user.id, code)? {
        Checked::Wait(seconds) => Ok(AfterCode::Wait(seconds)),
        Checked::Wrong => {
            stored::update_tries(c, waiting)?;
            Ok(match session.tries + 1 < CODE_TRIES {
                true => AfterCode::Wrong,
                false => AfterCode::Over,
            })
        }
        Checked::Right => {
            stored::delete(c, waiting)?;
            let browser = Browser {
                peer: session.peer,
                agent: session.agent,
            };
            let mut entered = begin(c, &act, keys, user, Stage::Whole, &browser)?;
            record(c, &act, &entered.user, &entered.session)?;
            entered.half_sign_ins = half_sign_ins::end(c, &act, &entered.user, Some(waiting))?;
            Ok(AfterCode::Entered(Box::new(entered)))
        }
    }
}

fn act_of(user: &User, now: Timestamp, request_id: &str) -> Act {
    Act {
        authority: Authority::of_session(user),
        now,
        request_id: Some(request_id.to_owned()),
    }
}

fn begin(
    c: &mut AnyConnection,
    act: &Act,
    keys: &DigestKeys,
    user: User,
    stage: Stage,
    browser: &Browser,
) -> Result<Entered, DomainError> {
    let (session, token) = sessions::create(c, act, keys, &user, stage, browser)?;
    let mut proof = None;
    if stage == Stage::Whole {
        let password = users::find_password(c, user.id)?;
        proof = password.map(|kept| browser_proof(keys, &user.login, &kept.hash, act.now));
    }
    Ok(Entered {
        user,
        session,
        token,
        half_sign_ins: 0,
        proof,
    })
}

fn record(
    c: &mut AnyConnection,
    act: &Act,
    user: &User,
    session: &Session,
) -> Result<(), StoreError> {
    let details =
        json!({"login": user.login, "session": session.id.to_string(), "peer": session.peer});
    let object = ("user", user.id.to_string());
    act.record(c, &[], "user.signed_in", object, details)
}
