//! The entries of the change log: what the directory must forget and read again.

use crate::model::ids::{ClientId, UserId};

/// That something changed which the hot path decides from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// A client or one of its secrets.
    Client(ClientId),
    /// A user, or the list of their access keys.
    User(UserId),
    /// The application with this `uri`, or who is connected to it.
    Application(String),
    /// The set of signing keys.
    SigningKeys,
    /// Something that this version does not know: everything must be read again.
    Unknown,
}

impl Change {
    /// The two columns in which it is stored: kind and subject.
    pub fn to_columns(&self) -> (&'static str, String) {
        match self {
            Change::Client(id) => ("client", id.to_string()),
            Change::User(id) => ("user", id.to_string()),
            Change::Application(uri) => ("application", uri.clone()),
            Change::SigningKeys => ("signing_keys", String::new()),
            Change::Unknown => ("unknown", String::new()),
        }
    }

    pub fn from_columns(kind: &str, subject: &str) -> Self {
        match kind {
            "client" => ClientId::parse(subject).map_or(Change::Unknown, Change::Client),
            "user" => UserId::parse(subject).map_or(Change::Unknown, Change::User),
            "application" => Change::Application(subject.to_owned()),
            "signing_keys" => Change::SigningKeys,
            _ => Change::Unknown,
        }
    }
}

/// One entry of the change log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub number: i64,
    /// What no entry of any other history has, whatever its number.
    pub mark: String,
    pub change: Change,
}

/// A place in the change log: an entry of one history, by its number and its mark. The number alone
/// names none, since a database that lost its last changes gives their numbers again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Position {
    /// The history, by the name that the first start, or the last restore, gave it.
    pub epoch: String,
    pub number: i64,
    /// The entry's mark; nothing where the log does not hold the entry.
    pub mark: Option<String>,
}

impl Position {
    /// Whether this is the entry.
    pub fn is_at(&self, entry: &Entry) -> bool {
        self.number == entry.number && self.mark.as_ref() == Some(&entry.mark)
    }
}
