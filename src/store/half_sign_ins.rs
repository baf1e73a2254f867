//! Table `half_sign_ins`: right passwords that no right code followed.

use diesel::prelude::*;

use super::schema::half_sign_ins;
use super::{AnyConnection, StoreError};
use crate::model::ids::{SessionId, UserId};
use crate::model::session::{HalfSignIn, Session};
use crate::model::timestamp::Timestamp;

/// Notes that a session waits for its code.
pub fn create(c: &mut AnyConnection, waiting: &Session) -> Result<(), StoreError> {
    diesel::insert_into(half_sign_ins::table)
        .values((
            half_sign_ins::id.eq(waiting.id.to_string()),
            half_sign_ins::user_id.eq(waiting.user_id.to_string()),
            half_sign_ins::peer.eq(&waiting.peer),
            half_sign_ins::agent.eq(&waiting.agent),
            half_sign_ins::at.eq(waiting.created_at.millis()),
        ))
        .execute(c)?;
    Ok(())
}

/// A user's, the youngest first.
pub fn list(c: &mut AnyConnection, user: UserId) -> Result<Vec<HalfSignIn>, StoreError> {
    type Row = (String, String, String, i64, Option<i64>);
    let rows: Vec<Row> = half_sign_ins::table
        .filter(half_sign_ins::user_id.eq(user.to_string()))
        .order((half_sign_ins::at.desc(), half_sign_ins::id.desc()))
        .select((
            half_sign_ins::id,
            half_sign_ins::peer,
            half_sign_ins::agent,
            half_sign_ins::at,
            half_sign_ins::told_at,
        ))
        .load(c)?;
    let read = |(id, peer, agent, at, told_at): Row| HalfSignIn {
        id,
        peer,
        agent,
        at: Timestamp::from_millis(at),
        is_told: told_at.is_some(),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Notes that the user was told of all of them.
pub fn update_told(c: &mut AnyConnection, user: UserId, now: Timestamp) -> Result<(), StoreError> {
    let untold = half_sign_ins::table
        .filter(half_sign_ins::user_id.eq(user.to_string()))
        .filter(half_sign_ins::told_at.is_null());
    diesel::update(untold)
        .set(half_sign_ins::told_at.eq(now.millis()))
        .execute(c)?;
    Ok(())
}

/// Forgets one: a code followed, or another from the same browser.
pub fn delete(c: &mut AnyConnection, waiting: SessionId) -> Result<(), StoreError> {
    delete_named(c, &waiting.to_string())
}

pub fn delete_named(c: &mut AnyConnection, id: &str) -> Result<(), StoreError> {
    diesel::delete(half_sign_ins::table.find(id)).execute(c)?;
    Ok(())
}

/// Forgets all of a user's: the password is another now, or the user is gone.
pub fn delete_all(c: &mut AnyConnection, user: UserId) -> Result<(), StoreError> {
    let all = half_sign_ins::table.filter(half_sign_ins::user_id.eq(user.to_string()));
    diesel::delete(all).execute(c)?;
    Ok(())
}
