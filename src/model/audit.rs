//! Who did what to what: the events that every change leaves behind.

use std::fmt;

use crate::model::ids::{ClientId, UserId};
use crate::model::timestamp::Timestamp;

/// By what kind of hand something was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ActorKind {
    /// The owner of the thing.
    Owner,
    /// An administrator, or somebody at the command line.
    Administrator,
}

impl ActorKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            ActorKind::Owner => "owner",
            ActorKind::Administrator => "administrator",
        }
    }

    /// Reads what `as_str` wrote; anything else counts as the stronger hand.
    pub fn parse(text: &str) -> Self {
        match text {
            "owner" => ActorKind::Owner,
            _ => ActorKind::Administrator,
        }
    }
}

/// Who did something. Its `Display` form is what stands in the audit log: all that a user did is
/// found under the user, whether signed in or through a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Actor {
    /// The server itself, by what it does unasked.
    Server,
    /// Somebody at the command line, by the name of the real user id, and whom sudo works for.
    CommandLine(String),
    /// A user, signed in.
    User(UserId),
    /// A user, through one of their access keys.
    AccessKey(UserId, ClientId),
    /// A service client.
    ServiceClient(ClientId),
}

impl Actor {
    /// The access key through which a user did it.
    pub fn key(&self) -> Option<&ClientId> {
        match self {
            Actor::AccessKey(_, client) => Some(client),
            Actor::Server | Actor::CommandLine(_) | Actor::User(_) | Actor::ServiceClient(_) => {
                None
            }
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Server => f.write_str("server"),
            Actor::CommandLine(user) => write!(f, "cli:{user}"),
            Actor::User(user) | Actor::AccessKey(user, _) => write!(f, "user:{user}"),
            Actor::ServiceClient(client) => write!(f, "client:{client}"),
        }
    }
}

/// What is to be written into the audit log.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    pub at: Timestamp,
    pub actor: Actor,
    /// What happened, such as `client.created`.
    pub kind: &'static str,
    /// What kind of thing it happened to, such as `access_key`.
    pub object_kind: &'static str,
    pub object_id: String,
    /// What else is known, as a JSON object; never a secret.
    pub details: serde_json::Value,
    pub request_id: Option<String>,
}

/// What stands in the audit log.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordedEvent {
    pub id: String,
    pub at: Timestamp,
    /// `user:` and an id, `client:` and a client_id, `cli:` and an operating system's user, with
    /// ` (sudo: NAME)` behind it where sudo says so, or
    /// `server`.
    pub actor: String,
    /// The access key through which a user did it.
    pub key: Option<String>,
    pub kind: String,
    pub object_kind: String,
    pub object_id: String,
    pub details: serde_json::Value,
    pub request_id: Option<String>,
}

/// Which events are asked for; what is absent lets every one through.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct AuditFilter {
    /// As it is written.
    pub actor: Option<String>,
    pub key: Option<String>,
    pub kind: Option<String>,
    pub object_kind: Option<String>,
    pub object_id: Option<String>,
    /// From then on.
    pub from: Option<Timestamp>,
    /// Before then.
    pub until: Option<Timestamp>,
    /// With this anywhere in it, in whatever case.
    pub search: Option<String>,
}
