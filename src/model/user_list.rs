//! User lists: applications are connected to whole lists.

use crate::model::ids::{SpaceId, UserListId};
use crate::model::text::{TextError, check_name};
use crate::model::timestamp::Timestamp;

/// A list that users belong to, each to one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserList {
    pub id: UserListId,
    pub presentation: String,
    pub space_id: Option<SpaceId>,
    /// Whether messages may name the person; recorded, since no message is ever sent.
    pub include_personal_data: bool,
    pub self_registration: SelfRegistration,
    pub created_at: Timestamp,
}

/// How people would join a list by themselves. It is recorded, and nobody joins so.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct SelfRegistration {
    pub enabled: bool,
    pub phone_required: bool,
    pub email_required: bool,
}

/// Checks how a list is to be shown.
pub fn check_list_presentation(presentation: &str) -> Result<(), TextError> {
    check_name(presentation, 200)
}
