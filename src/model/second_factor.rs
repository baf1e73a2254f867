//! The second factor of a sign-in: codes that change with time, and codes for when those are lost.

use crate::model::ids::UserId;
use crate::model::timestamp::Timestamp;

/// How long a secret that was shown waits for its first code, in seconds.
pub const SET_UP_TIME: i64 = 15 * 60;
/// How many wrong codes one user may give within [`TRIES_TIME`], in however many sign-ins.
pub const MOST_TRIES: i64 = 5;
/// How long wrong codes are remembered, in seconds.
pub const TRIES_TIME: i64 = 15 * 60;
/// How many recovery codes are made at once.
pub const RECOVERY_CODES: usize = 10;

/// What a user's codes are made from, and which were used.
#[derive(Clone, Debug)]
pub struct SecondFactor {
    pub user_id: UserId,
    /// Wrapped under the master key.
    pub sealed: String,
    /// The last step of time whose code was used.
    pub last_step: i64,
    /// How many wrong codes were given since `tries_since_at`.
    pub tries: i64,
    pub tries_since_at: Timestamp,
    pub created_at: Timestamp,
    /// When a first code showed that the user has the secret too; codes are asked for from then on.
    pub confirmed_at: Option<Timestamp>,
}

impl SecondFactor {
    /// Whether it still waits for its first code.
    pub fn is_being_set_up(&self, now: Timestamp) -> bool {
        self.confirmed_at.is_none() && now < self.created_at.plus_seconds(SET_UP_TIME)
    }

    /// When a further code may be tried, if not now.
    pub fn waits_until(&self, now: Timestamp) -> Option<Timestamp> {
        let until = self.tries_since_at.plus_seconds(TRIES_TIME);
        (self.tries >= MOST_TRIES && now < until).then_some(until)
    }
}

/// One recovery code, as it is kept.
#[derive(Clone, Debug)]
pub struct RecoveryCode {
    pub id: String,
    pub user_id: UserId,
    pub digest: String,
    pub digest_key_id: String,
    pub created_at: Timestamp,
    pub used_at: Option<Timestamp>,
}
