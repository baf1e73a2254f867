//! Right passwords without a right code behind them: with a second factor on, they are all that shows
//! that somebody else knows the password. Each is an event; the user is told of it at the next sign-in,
//! and sees it beside the sessions until the password is changed.

use serde_json::json;

use super::Act;
use crate::model::ids::{SessionId, UserId};
use crate::model::session::{CODE_TIME, HalfSignIn, MOST_HALF_SIGN_INS, Session};
use crate::model::timestamp::Timestamp;
use crate::model::user::User;
use crate::store::{AnyConnection, StoreError, half_sign_ins};

/// Notes that a right password began a session that waits for its code. `before` was the same browser's.
pub(super) fn begin(
    c: &mut AnyConnection,
    user: &User,
    waiting: &Session,
    before: Option<SessionId>,
) -> Result<(), StoreError> {
    if let Some(before) = before {
        half_sign_ins::delete(c, before)?;
    }
    let kept = half_sign_ins::list(c, user.id)?;
    for oldest in kept.iter().skip(MOST_HALF_SIGN_INS - 1) {
        half_sign_ins::delete_named(c, &oldest.id)?;
    }
    half_sign_ins::create(c, waiting)
}

/// Leaves its event.
pub(super) fn record(
    c: &mut AnyConnection,
    act: &Act,
    user: &User,
    waiting: &Session,
) -> Result<(), StoreError> {
    let details = json!({
        "login": user.login,
        "session": waiting.id.to_string(),
        "peer": waiting.peer,
    });
    let object = ("user", user.id.to_string());
    act.record(c, &[], "user.password_given", object, details)
}

/// Notes that its code followed. Answers how many others the user was not told of yet, and counts them
/// as told.
pub(super) fn end(
    c: &mut AnyConnection,
    act: &Act,
    user: &User,
    waiting: Option<SessionId>,
) -> Result<usize, StoreError> {
    if let Some(waiting) = waiting {
        half_sign_ins::delete(c, waiting)?;
    }
    let kept = half_sign_ins::list(c, user.id)?;
    let untold = kept.iter().filter(|half| !half.is_told).count();
    if untold > 0 {
        half_sign_ins::update_told(c, user.id, act.now)?;
    }
    Ok(untold)
}

/// A user's, the youngest first, but for those whose code can still follow.
pub fn list(
    c: &mut AnyConnection,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<HalfSignIn>, StoreError> {
    let mut list = half_sign_ins::list(c, user)?;
    list.retain(|half| half.is_told || now >= half.at.plus_seconds(CODE_TIME));
    Ok(list)
}

/// Forgets a user's: the password is another now, or the user is gone.
pub(super) fn forget(c: &mut AnyConnection, user: UserId) -> Result<(), StoreError> {
    half_sign_ins::delete_all(c, user)
}
