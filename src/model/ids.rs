//! Identifiers. Those of different things are different types, so that they cannot be mixed up.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize)]
        pub struct $name(Uuid);

        impl $name {
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// Reads the hyphenated form, in either case, and no other.
            pub fn parse(text: &str) -> Option<Self> {
                if text.len() != 36 {
                    return None;
                }
                Uuid::try_parse(text).ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    };
}

uuid_id! {
    /// Names a person who signs in.
    UserId
}
uuid_id! {
    /// Names a list of users.
    UserListId
}
uuid_id! {
    /// Names a space.
    SpaceId
}
uuid_id! {
    /// Names an application; its `uri`, not this, is the audience of its tokens.
    ApplicationId
}

uuid_id! {
    /// Names a session where sessions are listed; what opens one is another, secret value.
    SessionId
}

/// `client_id` of RFC 6749 section 2.2: names a client, and is no secret.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize)]
pub struct ClientId(String);

/// Why a text cannot be a client's id.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ClientIdError {
    #[error("a client id has 1 to 256 characters")]
    Length,
    #[error("a client id has printable ASCII characters only, and no ':', '%' or '+'")]
    Character,
    #[error("a client id must not look like a UUID or a URI: a token's subject would be ambiguous")]
    Shape,
}

impl ClientId {
    /// How an id made here begins.
    pub const PREFIX: &'static str = "mmk_";
    /// How many base62 characters follow the prefix.
    pub const RANDOM_LENGTH: usize = 22;

    /// Reads an id. `:` would end it in Basic credentials; `%` and `+` would not survive
    /// form-decoding; a UUID could be taken for a user, a URI for an application.
    pub fn parse(text: &str) -> Result<Self, ClientIdError> {
        if text.is_empty() || text.len() > 256 {
            return Err(ClientIdError::Length);
        }
        let allowed = |b: u8| b.is_ascii_graphic() && !matches!(b, b':' | b'%' | b'+');
        if !text.bytes().all(allowed) {
            return Err(ClientIdError::Character);
        }
        // Without a colon the only URI shape left is a scheme-relative or path reference.
        if Uuid::try_parse(text).is_ok() || text.starts_with('/') {
            return Err(ClientIdError::Shape);
        }
        Ok(Self(text.to_owned()))
    }

    /// An id that no client has: it cannot be written in Basic credentials.
    pub fn nobody() -> Self {
        Self(":".to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_of_the_old_console_is_taken_and_an_ambiguous_one_is_not() {
        assert!(ClientId::parse("vQBFm9ZCcVfaWfOfvPNunkZgpocpIA1xfMnlnip6duk=").is_ok());
        assert!(ClientId::parse("mmk_0123456789abcdefghijAB").is_ok());
        let wrong = [
            ("", ClientIdError::Length),
            ("a b", ClientIdError::Character),
            ("a:b", ClientIdError::Character),
            ("a%3Db", ClientIdError::Character),
            ("a+b", ClientIdError::Character),
            ("ключ", ClientIdError::Character),
            ("25d2757d-ed6b-48ae-9abf-a563d00052ae", ClientIdError::Shape),
            ("25d2757ded6b48ae9abfa563d00052ae", ClientIdError::Shape),
            ("//example.org/x", ClientIdError::Shape),
        ];
        for (text, why) in wrong {
            assert_eq!(ClientId::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn a_uuid_is_read_in_its_hyphenated_form_only() {
        assert!(UserId::parse("25d2757d-ed6b-48ae-9abf-a563d00052ae").is_some());
        assert!(UserId::parse("25D2757D-ED6B-48AE-9ABF-A563D00052AE").is_some());
        assert!(UserId::parse("25d2757ded6b48ae9abfa563d00052ae").is_none());
        assert!(UserId::parse("{25d2757d-ed6b-48ae-9abf-a563d00052a}").is_none());
    }
}
