//! Sessions: in which browsers somebody is signed in, and for how long that holds.

use crate::model::ids::{SessionId, UserId};
use crate::model::timestamp::Timestamp;

/// How long a session lives without a request, in seconds.
pub const IDLE_TIME: i64 = 30 * 60;
/// How long it lives at most, in seconds.
pub const WHOLE_TIME: i64 = 12 * 3600;
/// How long one waits for its second factor, in seconds.
pub const CODE_TIME: i64 = 10 * 60;
/// How many codes one may try.
pub const CODE_TRIES: i64 = 5;
/// How long a password that was given counts as given just now, in seconds.
pub const RECENT_TIME: i64 = 15 * 60;
/// How often it is written that a session was seen, in seconds.
pub const SEEN_EVERY: i64 = 60;
/// How many sessions one user has at once; a further one ends the oldest.
pub const MOST_SESSIONS: usize = 50;
/// How much is kept of what a browser calls itself, in characters.
pub const LONGEST_AGENT: usize = 200;

/// How far the sign-in has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// The password was right, and the second factor is still to come.
    Code,
    /// Signed in.
    Whole,
}

impl Stage {
    pub const fn as_str(self) -> &'static str {
        match self {
            Stage::Code => "code",
            Stage::Whole => "whole",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "code" => Some(Stage::Code),
            "whole" => Some(Stage::Whole),
            _ => None,
        }
    }
}

/// One browser in which somebody is signed in, or about to be.
#[derive(Clone, Debug)]
pub struct Session {
    /// Names the session where it is listed. It is no secret, and opens nothing.
    pub id: SessionId,
    pub user_id: UserId,
    pub stage: Stage,
    /// How many wrong codes were given while it waited for one.
    pub tries: i64,
    /// From where it was begun.
    pub peer: String,
    /// What the browser calls itself.
    pub agent: String,
    pub created_at: Timestamp,
    /// When the password was last given in it.
    pub confirmed_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
}

/// How many half sign-ins are kept of one user; a further one takes the oldest's place.
pub const MOST_HALF_SIGN_INS: usize = 20;

/// A right password that no right code followed: somebody else may know it.
#[derive(Clone, Debug)]
pub struct HalfSignIn {
    /// That of the session that waited for the code.
    pub id: String,
    /// From where it was given.
    pub peer: String,
    /// What the browser calls itself.
    pub agent: String,
    pub at: Timestamp,
    /// Whether the user was told of it at a sign-in.
    pub is_told: bool,
}

impl Session {
    pub fn is_alive(&self, now: Timestamp) -> bool {
        let whole = match self.stage {
            Stage::Code => CODE_TIME,
            Stage::Whole => WHOLE_TIME,
        };
        now < self.created_at.plus_seconds(whole)
            && now < self.last_seen_at.plus_seconds(IDLE_TIME)
            && self.tries < CODE_TRIES
    }

    /// Whether it should be written that it was seen.
    pub fn is_to_be_seen(&self, now: Timestamp) -> bool {
        now >= self.last_seen_at.plus_seconds(SEEN_EVERY)
    }

    /// Whether the password was given just now.
    pub fn is_recent(&self, now: Timestamp) -> bool {
        now < self.confirmed_at.plus_seconds(RECENT_TIME)
    }
}
