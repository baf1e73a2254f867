//! Spaces: what applications and user lists are gathered in, with a bound for how many there can be.

use crate::model::ids::{SpaceId, UserId};
use crate::model::text::{TextError, check_name};
use crate::model::timestamp::Timestamp;

/// The largest quota.
pub const LARGEST_QUOTA: i64 = 1_000_000_000;

/// Something that applications and user lists are gathered in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Space {
    pub id: SpaceId,
    /// The user who made it, if it was one.
    pub owner: Option<UserId>,
    /// Unique, without regard to case.
    pub name: String,
    /// How many applications that are not deleted it can have.
    pub applications_quota: Option<i64>,
    /// How many users its user lists can have together.
    pub users_quota: Option<i64>,
    /// Recorded: there are no projects here.
    pub project_creation_allowed: bool,
    pub created_at: Timestamp,
}

/// Checks a space's name.
pub fn check_space_name(name: &str) -> Result<(), TextError> {
    check_name(name, 100)
}

/// Whether this many can be a quota.
pub fn is_quota(quota: Option<i64>) -> bool {
    quota.is_none_or(|quota| (0..=LARGEST_QUOTA).contains(&quota))
}
