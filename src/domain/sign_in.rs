//! Signing in: who it is, whether the password is right, and what begins then.
//!
//! Whatever is wrong, the answer is the same, after the same work: one read by the login, and the
//! verification of one hash, which is nobody's if there is no such user.

use serde_json::json;

use super::secret::DigestKeys;
use super::sessions::{self, Browser};
use super::{Act, Authority, DomainError, password};
use crate::model::ids::{SessionId, UserId};
use crate::model::secret::Secret;
use crate::model::session::{Session, Stage};
use crate::model::timestamp::Timestamp;
use crate::model::user::User;
use crate::store::{AnyConnection, StoreError, sessions as stored, users};

/// Whoever a login names, if anybody.
pub struct Candidate {
    user: Option<User>,
    hash: String,
}

/// Why somebody was not let in; never told to them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SignInRefusal {
    #[error("unknown login")]
    Unknown,
    #[error("wrong password")]
    WrongPassword,
    #[error("user disabled")]
    Disabled,
    #[error("wrong code")]
    WrongCode,
}

/// What a right password begins.
pub struct Entered {
    pub user: User,
    pub session: Session,
    pub token: Secret,
}

/// Reads whoever `login` names, in whatever case.
pub fn read(c: &mut AnyConnection, login: &str) -> Result<Candidate, StoreError> {
    Ok(match users::find_sign_in(c, login)? {
        Some((user, password)) => Candidate {
            user: Some(user),
            hash: password.hash,
        },
        None => Candidate {
            user: None,
            hash: password::NOBODY.to_owned(),
        },
    })
}

/// Reads a user who is to give their password once more.
pub fn read_again(c: &mut AnyConnection, id: UserId) -> Result<Candidate, StoreError> {
    let password = users::find_password(c, id)?;
    Ok(Candidate {
        user: users::find(c, id)?,
        hash: password.map_or_else(|| password::NOBODY.to_owned(), |p| p.hash),
    })
}

impl Candidate {
    /// Who it is, if this is their password. Slow: see [`password::verify`].
    pub fn verify(self, password: &Secret) -> Result<Verified, DomainError> {
        let is_right = password::verify(password, &self.hash)?;
        Ok(match self.user {
            None => Verified::Refused(None, SignInRefusal::Unknown),
            Some(user) if !is_right => {
                Verified::Refused(Some(user.id), SignInRefusal::WrongPassword)
            }
            Some(user) if user.disabled.is_some() => {
                Verified::Refused(Some(user.id), SignInRefusal::Disabled)
            }
            Some(user) => Verified::Right(Right {
                user,
                hash: self.hash,
            }),
        })
    }
}

/// What came of a password.
pub enum Verified {
    Right(Right),
    /// Not right, of the user named, if there is one.
    Refused(Option<UserId>, SignInRefusal),
}

/// Somebody whose password was right a moment ago.
pub struct Right {
    pub user: User,
    hash: String,
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

/// Lets somebody in whose password was right, in place of the session that their browser had;
/// answers nothing if that no longer holds.
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
    let user = right.user;
    let act = Act {
        authority: Authority::of_session(&user),
        now,
        request_id: Some(request_id.to_owned()),
    };
    if let Some(before) = before {
        stored::delete(c, before)?;
    }
    let (session, token) = sessions::create(c, &act, keys, &user, Stage::Whole, browser)?;
    record(c, &act, &user, &session)?;
    Ok(Some(Entered {
        user,
        session,
        token,
    }))
}

fn record(
    c: &mut AnyConnection,
    act: &Act,
    user: &User,
    session: &Session,
) -> Result<(), StoreError> {
    let details = json!({"session": session.id.to_string(), "peer": session.peer});
    let object = ("user", user.id.to_string());
    act.record(c, &[], "user.signed_in", object, details)
}
