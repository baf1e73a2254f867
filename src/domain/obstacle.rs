//! What stands in the way of an act, by its kind: each front end says it in its own words. The words
//! here are those of the resource API and the command line.

use super::application_users::{NAMED_USERS, USERS};
use super::applications::LISTS;
use crate::model::application_status::{ApplicationStatus, StatusAct};
use crate::model::client::KEYS_PER_USER;

/// What must be unique, and is somebody else's or was.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Taken {
    #[error("there is a space with this name already")]
    SpaceName,
    #[error("there is a user with this login already")]
    Login,
    #[error("the user is connected by name already")]
    Connection,
    #[error("this client id is, or was, in use: an id is never used twice")]
    ClientId,
    #[error("an application has, or had, this publication context: a name is never used twice")]
    ApplicationName,
    #[error("another application has, or had, this uri: a uri is never given to a second one")]
    ApplicationUri,
    #[error(
        "another application has, or had, a uri that differs only in the case of scheme or host, in the \
         default port or by a slash at the end"
    )]
    ApplicationUriAlike,
}

/// What a space has a quota of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counted {
    Applications,
    Users,
}

impl Counted {
    const fn as_str(self) -> &'static str {
        match self {
            Counted::Applications => "applications",
            Counted::Users => "users",
        }
    }
}

/// The state in which an act is not possible.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Obstacle {
    #[error("a user has at most {KEYS_PER_USER} access keys")]
    TooManyKeys,
    #[error("an administrator disabled this key: only an administrator can enable it")]
    DisabledByAdministrator,
    #[error("the client has two secrets already: wait until the older one ends")]
    TwoSecrets,
    #[error("this is the client's newest secret: rotate the client, or disable it")]
    NewestSecret,
    #[error("nothing to change: give at least one option")]
    NothingToChange,
    #[error("this is the last administrator: make another one first")]
    LastAdministrator,
    #[error("the second factor is switched on already")]
    SecondFactorOn,
    #[error("the second factor is switched off")]
    SecondFactorOff,
    #[error("there are users in the list: delete them first")]
    ListHasUsers,
    #[error("this is the last user list: make another one first")]
    LastList,
    #[error("the space has as many {} as its quota allows: {quota}", of.as_str())]
    Quota { of: Counted, quota: i64 },
    #[error(
        "the application gave this uri up within the last hour: it can take it back after that"
    )]
    UriGivenUp,
    #[error("the application is deleted")]
    Deleted,
    #[error("the application is deleted already")]
    DeletedAlready,
    #[error("{} is not possible: the application is {}", act.as_str(), status.as_str())]
    Status {
        act: StatusAct,
        status: ApplicationStatus,
    },
    #[error("an application is connected to at most {LISTS} user lists")]
    TooManyLists,
    #[error("an application has at most {NAMED_USERS} users by name")]
    TooManyNamedUsers,
    #[error(
        "an application has at most {USERS} users by name or with a setting of their own: \
         disconnect a list rather than its users"
    )]
    TooManyUsers,
    #[error("the user is not connected to the application")]
    NotConnected,
}
