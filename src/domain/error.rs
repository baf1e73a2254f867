//! Why an act was not done.

use super::obstacle::{Obstacle, Taken};
use crate::model::scope::ScopeSet;
use crate::store::StoreError;

/// Why an act was not done; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DomainError {
    /// A value is not as it must be: which, and why.
    #[error("{field}: {reason}")]
    Invalid { field: &'static str, reason: String },
    /// A value is as it must be, but beyond what there is or what is answered: which, and why.
    #[error("{field}: {reason}")]
    OutOfRange { field: &'static str, reason: String },
    /// There is no such thing, or the caller may not know of it.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// Whoever acts may know of the thing, but has not the right: what it needs, and why.
    #[error("{reason}")]
    Forbidden { needed: ScopeSet, reason: String },
    /// What must be unique is taken.
    #[error("{0}")]
    AlreadyExists(Taken),
    /// The thing is not in a state that allows it.
    #[error("{0}")]
    FailedPrecondition(Obstacle),
    /// The thing is not in the state in which whoever acts has seen it.
    #[error("it was changed since it was read")]
    Changed,
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something of ours is broken; the text is for the log.
    #[error("{0}")]
    Internal(String),
}

impl DomainError {
    /// An act that no scope would allow.
    pub fn forbidden(reason: impl ToString) -> Self {
        Self::Forbidden {
            needed: ScopeSet::EMPTY,
            reason: reason.to_string(),
        }
    }

    /// A value of `field` that is not as it must be.
    pub fn invalid(field: &'static str, reason: impl ToString) -> Self {
        Self::Invalid {
            field,
            reason: reason.to_string(),
        }
    }
}
