//! Sessions: begun by a sign-in, looked up for every page, ended.

use serde_json::{Value, json};

use super::secret::DigestKeys;
use super::{Act, DomainError};
use crate::ambient::{random_base62, random_uuid};
use crate::model::ids::{SessionId, UserId};
use crate::model::network::counted_address;
use crate::model::page::Window;
use crate::model::secret::Secret;
use crate::model::session::{LONGEST_AGENT, MOST_SESSIONS, Session, Stage};
use crate::model::timestamp::Timestamp;
use crate::model::user::User;
use crate::signing::Purpose;
use crate::store::sessions::SessionDigest;
use crate::store::{AnyConnection, StoreError, sessions, users};

/// 43 base62 characters are 256 random bits.
const TOKEN_LENGTH: usize = 43;

/// Somebody who is signed in, as they are now.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub session: Session,
    pub user: User,
    /// Somebody else knows the password.
    pub must_change_password: bool,
}

/// A browser, as far as it shows.
#[derive(Clone, Debug)]
pub struct Browser {
    pub peer: String,
    pub agent: String,
}

/// The living session that `token` opens, with its user as they are now.
pub fn find(
    c: &mut AnyConnection,
    keys: &DigestKeys,
    token: &Secret,
    now: Timestamp,
) -> Result<Option<SignedIn>, StoreError> {
    for key in keys.iter() {
        let digest = key.digest(Purpose::Session, [token.expose()]).to_text();
        if let Some(session) = sessions::find_by_digest(c, &digest)? {
            return complete(c, session, now);
        }
    }
    Ok(None)
}

/// The session as it is now, if it is still alive. A write asks once more, inside its transaction,
/// so that nothing is done with rights that have just been taken away.
pub fn find_again(
    c: &mut AnyConnection,
    id: SessionId,
    now: Timestamp,
) -> Result<Option<SignedIn>, StoreError> {
    match sessions::find(c, id)? {
        Some(session) => complete(c, session, now),
        None => Ok(None),
    }
}

fn complete(
    c: &mut AnyConnection,
    session: Session,
    now: Timestamp,
) -> Result<Option<SignedIn>, StoreError> {
    if !session.is_alive(now) {
        return Ok(None);
    }
    let Some(user) = users::find(c, session.user_id)? else {
        return Ok(None);
    };
    let password = users::find_password(c, user.id)?;
    Ok(password
        .filter(|_| user.disabled.is_none())
        .map(|password| SignedIn {
            session,
            user,
            must_change_password: password.temporary,
        }))
}

/// Begins a session, and answers what opens it.
pub fn create(
    c: &mut AnyConnection,
    act: &Act,
    keys: &DigestKeys,
    user: &User,
    stage: Stage,
    browser: &Browser,
) -> Result<(Session, Secret), StoreError> {
    // Of the same stage: whoever has the password alone ends nobody's sessions.
    let mut same = sessions::list(c, user.id)?;
    same.retain(|session| session.stage == stage);
    while same.len() >= MOST_SESSIONS {
        let at = one_too_many(&same, act.now);
        sessions::delete(c, same.remove(at).id)?;
    }
    let token = Secret::new(random_base62(TOKEN_LENGTH));
    let key = keys.newest();
    let digest = SessionDigest {
        digest: key.digest(Purpose::Session, [token.expose()]).to_text(),
        digest_key_id: key.id().to_owned(),
    };
    let session = Session {
        id: SessionId::new(random_uuid()),
        user_id: user.id,
        stage,
        tries: 0,
        peer: browser.peer.clone(),
        agent: printable(&browser.agent),
        created_at: act.now,
        confirmed_at: act.now,
        last_seen_at: act.now,
    };
    sessions::create(c, &session, &digest)?;
    Ok((session, token))
}

/// Which of these sessions, the youngest first, makes room for a further one: one that has ended, else
/// the oldest of the peer that has most of them. So whoever signs in over and over ends their own, not
/// those of the person elsewhere.
fn one_too_many(sessions: &[Session], now: Timestamp) -> usize {
    if let Some(ended) = sessions.iter().rposition(|session| !session.is_alive(now)) {
        return ended;
    }
    let peer = |session: &Session| session.peer.parse().map(counted_address).ok();
    let count = |of: &Session| sessions.iter().filter(|s| peer(s) == peer(of)).count();
    let each = sessions.iter().enumerate();
    let most = each.max_by_key(|(at, session)| (count(session), *at));
    most.map_or(0, |(at, _)| at)
}

/// What may stand in a list, of what a browser says about itself.
fn printable(agent: &str) -> String {
    let printable = agent.chars().filter(|c| matches!(c, ' '..='~'));
    printable.take(LONGEST_AGENT).collect()
}

/// A part of a user's living sessions, the youngest first, and how many there are.
pub fn list(
    c: &mut AnyConnection,
    user: UserId,
    window: Window,
    now: Timestamp,
) -> Result<(Vec<Session>, i64), StoreError> {
    let mut list = sessions::list(c, user)?;
    list.retain(|session| session.stage == Stage::Whole && session.is_alive(now));
    let total = i64::try_from(list.len()).unwrap_or(i64::MAX);
    // There are never more than a few: it is cut here.
    let part = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let list = list.into_iter().skip(part(window.offset()));
    Ok((list.take(part(window.limit())).collect(), total))
}

/// Ends one session of a user; one that is not theirs is not found.
pub fn end(
    c: &mut AnyConnection,
    act: &Act,
    user: UserId,
    id: SessionId,
) -> Result<(), DomainError> {
    let session = sessions::find(c, id)?.filter(|session| session.user_id == user);
    let session = session.ok_or(DomainError::NotFound("session"))?;
    sessions::delete(c, session.id)?;
    let details = json!({"session": id.to_string()});
    record(c, act, user, "user.signed_out", details)
}

/// Ends a user's sessions, but for `except`.
pub fn end_all(
    c: &mut AnyConnection,
    act: &Act,
    user: UserId,
    except: Option<SessionId>,
) -> Result<(), DomainError> {
    let count = sessions::delete_all(c, user, except)?;
    if count == 0 {
        return Ok(());
    }
    let details = json!({"sessions": count});
    record(c, act, user, "user.signed_out", details)
}

/// Notes that the password was given once more.
pub fn confirm(c: &mut AnyConnection, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
    sessions::update_confirmed(c, id, now)
}

/// Notes that the session was used.
pub fn see(c: &mut AnyConnection, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
    sessions::update_seen(c, id, now)
}

/// Deletes what has ended by itself; answers how many.
pub fn trim(c: &mut AnyConnection, now: Timestamp) -> Result<usize, StoreError> {
    sessions::delete_ended(c, now)
}

fn record(
    c: &mut AnyConnection,
    act: &Act,
    user: UserId,
    kind: &'static str,
    details: Value,
) -> Result<(), DomainError> {
    // The directory does not know sessions.
    Ok(act.record(c, &[], kind, ("user", user.to_string()), details)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(peer: &str, created_at: i64) -> Session {
        let at = Timestamp::from_seconds(created_at);
        Session {
            id: SessionId::new(random_uuid()),
            user_id: UserId::new(random_uuid()),
            stage: Stage::Code,
            tries: 0,
            peer: peer.to_owned(),
            agent: String::new(),
            created_at: at,
            confirmed_at: at,
            last_seen_at: at,
        }
    }

    #[test]
    fn whoever_signs_in_over_and_over_ends_their_own_sessions() {
        let now = Timestamp::from_seconds(1000);
        let mut sessions = vec![
            session("2001:db8::1", 999),
            session("2001:db8::2", 998),
            session("192.0.2.1", 997),
            session("198.51.100.1", 996),
        ];
        assert_eq!(one_too_many(&sessions, now), 1, "one /64 is one peer");
        sessions.remove(0);
        assert_eq!(one_too_many(&sessions, now), 2, "the oldest of equals");
        sessions[0].tries = 5;
        assert_eq!(one_too_many(&sessions, now), 0, "one that has ended");
    }
}
