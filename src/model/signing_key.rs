//! The life of a signing key.

use crate::model::timestamp::Timestamp;

/// What a signing key is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SigningKeyState {
    /// Published, so that verifiers know it before it signs.
    Next,
    /// Published and signing; there is exactly one.
    Active,
}

impl SigningKeyState {
    pub const fn as_str(self) -> &'static str {
        match self {
            SigningKeyState::Next => "next",
            SigningKeyState::Active => "active",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "next" => Some(SigningKeyState::Next),
            "active" => Some(SigningKeyState::Active),
            _ => None,
        }
    }
}

/// A signing key as it is stored: the private half is wrapped under the master key.
#[derive(Clone, Debug)]
pub struct StoredSigningKey {
    /// The RFC 7638 thumbprint.
    pub kid: String,
    pub state: SigningKeyState,
    /// The size of the modulus.
    pub bits: i64,
    pub sealed: String,
    /// Since when it stands in the key set.
    pub published_at: Timestamp,
    /// Since when it signs.
    pub activated_at: Option<Timestamp>,
}
