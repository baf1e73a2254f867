//! Who did something, as pages name them: a user by their login, anybody else as the log does.

use std::collections::HashMap;

use crate::domain::{AnyConnection, Authority, DomainError, everybody};
use crate::model::audit::RecordedEvent;
use crate::model::ids::UserId;

/// What a user is called in an event.
const USER: &str = "user";

/// The logins of the users that events are about, and of those who caused them.
pub struct Actors(HashMap<String, String>);

impl Actors {
    /// Those who still are, as far as whoever asks may see them.
    pub fn of(
        c: &mut AnyConnection,
        authority: &Authority,
        events: &[RecordedEvent],
    ) -> Result<Self, DomainError> {
        let causes = events.iter().filter_map(|event| user_id(&event.actor));
        let objects = events.iter().filter(|event| event.object_kind == USER);
        let named = causes.chain(objects.map(|event| event.object_id.as_str()));
        let mut ids: Vec<UserId> = named.filter_map(UserId::parse).collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(Self(everybody::logins(c, authority, &ids)?))
    }

    /// The login of a user who did something.
    pub fn actor(&self, actor: &str) -> Option<&str> {
        self.0.get(user_id(actor)?).map(String::as_str)
    }

    /// The login of a user to whom something was done.
    pub fn object(&self, kind: &str, id: &str) -> Option<&str> {
        let found = self.0.get(id).filter(|_| kind == USER);
        found.map(String::as_str)
    }
}

/// The id in the name of a user who did something.
fn user_id(actor: &str) -> Option<&str> {
    actor.strip_prefix(USER)?.strip_prefix(':')
}
