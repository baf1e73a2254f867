//! English: what is said of an act that was not done.

use crate::domain::{Counted, Obstacle, Taken};
use crate::http::pages::text::Refusals;

pub const REFUSALS: Refusals = Refusals {
    invalid: |field, reason| format!("{}: {reason}.", field.replace('-', " ")),
    too_many: "That is more than can be shown at once.",
    taken: |taken| {
        match taken {
            Taken::SpaceName => "There is a space with this name already.",
            Taken::Login => "There is a user with this login already.",
            Taken::Connection => "The user is connected by name already.",
            Taken::ClientId => "This client id is, or was, in use: an id is never used twice.",
            Taken::ApplicationName => {
                "An application has, or had, this name: a name is never used twice."
            }
            Taken::ApplicationUri => {
                "Another application has, or had, this uri: a uri is never given to a second one."
            }
            Taken::ApplicationUriAlike => {
                "Another application has, or had, nearly this uri: it differs only in case, in the default \
                 port or by a slash at the end."
            }
        }
        .to_owned()
    },
    obstacle: |obstacle| {
        match obstacle {
            Obstacle::Quota { of, quota } => {
                let of = match of {
                    Counted::Applications => "applications",
                    Counted::Users => "users",
                };
                return format!("The space has as many {of} as its quota allows: {quota}.");
            }
            Obstacle::TooManyKeys => "A user has at most 50 access keys.",
            Obstacle::DisabledByAdministrator => {
                "An administrator disabled this key: only an administrator can enable it."
            }
            Obstacle::TwoSecrets => "There are two secrets already: wait until the older one ends.",
            Obstacle::NewestSecret => "This is the newest secret: rotate the key, or disable it.",
            Obstacle::NothingToChange => "There is nothing to change.",
            Obstacle::LastAdministrator => {
                "This is the last administrator: make another one first."
            }
            Obstacle::SecondFactorOn => "The second factor is switched on already.",
            Obstacle::SecondFactorOff => "The second factor is switched off.",
            Obstacle::ListHasUsers => "There are users in the list: delete them first.",
            Obstacle::LastList => "This is the last user list: make another one first.",
            Obstacle::UriGivenUp => {
                "The application gave this uri up within the last hour: it can take it back after that."
            }
            Obstacle::Deleted => "The application is deleted.",
            Obstacle::DeletedAlready => "The application is deleted already.",
            Obstacle::Status { .. } => {
                "The application has another status by now, in which this is not possible."
            }
            Obstacle::TooManyLists => "An application is connected to at most 1,000 user lists.",
            Obstacle::TooManyNamedUsers => "An application has at most 10,000 users by name.",
            Obstacle::TooManyUsers => {
                "An application has at most 20,000 users by name or with a setting of their own: \
                 disconnect a list rather than its users."
            }
            Obstacle::NotConnected => "The user is not connected to the application.",
        }
        .to_owned()
    },
    changed: "It was changed in the meantime: open the page again.",
    exists: "It exists already.",
};
