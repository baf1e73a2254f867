//! Table `sessions`: keyed digests of what browsers hold, never that itself.

use diesel::prelude::*;

use super::error::broken;
use super::schema::sessions;
use super::{AnyConnection, StoreError};
use crate::model::ids::{SessionId, UserId};
use crate::model::session::{CODE_TIME, IDLE_TIME, Session, Stage, WHOLE_TIME};
use crate::model::timestamp::Timestamp;

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct Row {
    id: String,
    user_id: String,
    stage: String,
    tries: i64,
    peer: String,
    agent: String,
    created_at: i64,
    confirmed_at: i64,
    last_seen_at: i64,
}

/// What a browser holds, as it is kept: a digest, and the key that made it.
pub struct SessionDigest {
    pub digest: String,
    pub digest_key_id: String,
}

pub fn create(
    c: &mut AnyConnection,
    session: &Session,
    digest: &SessionDigest,
) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(session.id.to_string()),
            sessions::digest.eq(&digest.digest),
            sessions::digest_key_id.eq(&digest.digest_key_id),
            sessions::user_id.eq(session.user_id.to_string()),
            sessions::stage.eq(session.stage.as_str()),
            sessions::tries.eq(session.tries),
            sessions::peer.eq(&session.peer),
            sessions::agent.eq(&session.agent),
            sessions::created_at.eq(session.created_at.millis()),
            sessions::confirmed_at.eq(session.confirmed_at.millis()),
            sessions::last_seen_at.eq(session.last_seen_at.millis()),
        ))
        .execute(c)?;
    Ok(())
}

pub fn find(c: &mut AnyConnection, id: SessionId) -> Result<Option<Session>, StoreError> {
    let row: Option<Row> = sessions::table
        .find(id.to_string())
        .select(Row::as_select())
        .first(c)
        .optional()?;
    row.map(read).transpose()
}

pub fn find_by_digest(c: &mut AnyConnection, digest: &str) -> Result<Option<Session>, StoreError> {
    let row: Option<Row> = sessions::table
        .filter(sessions::digest.eq(digest))
        .select(Row::as_select())
        .first(c)
        .optional()?;
    row.map(read).transpose()
}

/// A user's sessions, the youngest first; those that have ended too, until they are deleted.
pub fn list(c: &mut AnyConnection, user: UserId) -> Result<Vec<Session>, StoreError> {
    let rows: Vec<Row> = sessions::table
        .filter(sessions::user_id.eq(user.to_string()))
        .order((sessions::created_at.desc(), sessions::id.desc()))
        .select(Row::as_select())
        .load(c)?;
    rows.into_iter().map(read).collect()
}

pub fn update_seen(
    c: &mut AnyConnection,
    id: SessionId,
    seen_at: Timestamp,
) -> Result<(), StoreError> {
    diesel::update(sessions::table.find(id.to_string()))
        .set(sessions::last_seen_at.eq(seen_at.millis()))
        .execute(c)?;
    Ok(())
}

pub fn update_confirmed(
    c: &mut AnyConnection,
    id: SessionId,
    confirmed_at: Timestamp,
) -> Result<(), StoreError> {
    diesel::update(sessions::table.find(id.to_string()))
        .set(sessions::confirmed_at.eq(confirmed_at.millis()))
        .execute(c)?;
    Ok(())
}

/// Counts one more wrong code.
pub fn update_tries(c: &mut AnyConnection, id: SessionId) -> Result<(), StoreError> {
    diesel::update(sessions::table.find(id.to_string()))
        .set(sessions::tries.eq(sessions::tries + 1))
        .execute(c)?;
    Ok(())
}

pub fn delete(c: &mut AnyConnection, id: SessionId) -> Result<(), StoreError> {
    diesel::delete(sessions::table.find(id.to_string())).execute(c)?;
    Ok(())
}

/// Deletes every session there is. Answers how many there were.
pub fn delete_every(c: &mut AnyConnection) -> Result<usize, StoreError> {
    Ok(diesel::delete(sessions::table).execute(c)?)
}

/// Deletes a user's sessions, but for `except`. Answers how many there were.
pub fn delete_all(
    c: &mut AnyConnection,
    user: UserId,
    except: Option<SessionId>,
) -> Result<usize, StoreError> {
    // No session has the empty id.
    let except = except.map(|id| id.to_string()).unwrap_or_default();
    let others = sessions::table
        .filter(sessions::user_id.eq(user.to_string()))
        .filter(sessions::id.ne(except));
    Ok(diesel::delete(others).execute(c)?)
}

/// Deletes those that have ended by `now`. Answers how many there were.
pub fn delete_ended(c: &mut AnyConnection, now: Timestamp) -> Result<usize, StoreError> {
    let before = |seconds: i64| now.plus_seconds(-seconds).millis();
    let idle = sessions::table.filter(sessions::last_seen_at.le(before(IDLE_TIME)));
    let mut deleted = diesel::delete(idle).execute(c)?;
    let old = sessions::table.filter(sessions::created_at.le(before(WHOLE_TIME)));
    deleted += diesel::delete(old).execute(c)?;
    let without_code = sessions::table
        .filter(sessions::stage.eq(Stage::Code.as_str()))
        .filter(sessions::created_at.le(before(CODE_TIME)));
    deleted += diesel::delete(without_code).execute(c)?;
    Ok(deleted)
}

fn read(row: Row) -> Result<Session, StoreError> {
    let wrong = || broken("sessions", &row.id);
    Ok(Session {
        id: SessionId::parse(&row.id).ok_or_else(wrong)?,
        user_id: UserId::parse(&row.user_id).ok_or_else(wrong)?,
        stage: Stage::parse(&row.stage).ok_or_else(wrong)?,
        tries: row.tries,
        peer: row.peer,
        agent: row.agent,
        created_at: Timestamp::from_millis(row.created_at),
        confirmed_at: Timestamp::from_millis(row.confirmed_at),
        last_seen_at: Timestamp::from_millis(row.last_seen_at),
    })
}
