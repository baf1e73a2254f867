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

/// Who did something; written into the audit log as its `Display` form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Actor {
    /// The server itself, by what it does unasked.
    Server,
    /// Somebody at the command line, by the name the operating system knows.
    CommandLine(String),
    /// A user, signed in.
    User(UserId),
    /// A user, through one of their access keys.
    AccessKey(UserId, ClientId),
    /// A service client.
    ServiceClient(ClientId),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Server => f.write_str("server"),
            Actor::CommandLine(user) => write!(f, "cli:{user}"),
            Actor::User(user) => write!(f, "user:{user}"),
            Actor::AccessKey(user, client) => write!(f, "user:{user} key:{client}"),
            Actor::ServiceClient(client) => write!(f, "client:{client}"),
        }
    }
}

/// One line of the audit log.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    pub at: Timestamp,
    pub actor: String,
    /// What happened, such as `client.created`.
    pub kind: &'static str,
    /// What kind of thing it happened to, such as `access_key`.
    pub object_kind: &'static str,
    pub object_id: String,
    /// What else is known, as a JSON object; never a secret.
    pub details: serde_json::Value,
    pub request_id: Option<String>,
}
