//! What can go wrong with the database, as far as its callers care.

use std::cell::Cell;

use diesel::result::{DatabaseErrorKind, Error};

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached, is busy, full or read-only: the same request can succeed later.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Something that must be unique is there already.
    #[error("already exists: {0}")]
    Conflict(String),
    /// It holds what it must not hold, or does not understand the question.
    #[error("the database is broken: {0}")]
    Broken(String),
    /// It, or a file beside it, is not one that this can be done with: the text says what to do.
    #[error("{0}")]
    Refused(String),
}

thread_local! {
    static WAS_UNAVAILABLE: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread met an unavailable database since it was last asked: whoever runs the work of
/// another does not see what that makes of the error.
pub(super) fn take_unavailable() -> bool {
    WAS_UNAVAILABLE.replace(false)
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let error = read(error);
        if matches!(error, StoreError::Unavailable(_)) {
            WAS_UNAVAILABLE.set(true);
        }
        error
    }
}

fn read(error: Error) -> StoreError {
    let text = error.to_string();
    match error {
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => StoreError::Conflict(text),
        Error::DatabaseError(
            DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::ReadOnlyTransaction
            | DatabaseErrorKind::SerializationFailure,
            _,
        )
        | Error::BrokenTransactionManager => StoreError::Unavailable(text),
        // Neither driver gives these a kind: busy, full, read-only, cut off, timed out.
        Error::DatabaseError(DatabaseErrorKind::Unknown, _) if !is_misunderstood(&text) => {
            StoreError::Unavailable(text)
        }
        _ => StoreError::Broken(text),
    }
}

/// Whether the database says that the question itself is wrong, or that it cannot take a value
/// (SQLSTATE class 22): neither is better later. Diesel does not tell the code.
fn is_misunderstood(text: &str) -> bool {
    [
        "syntax error",
        "no such ",
        "does not exist",
        "malformed",
        "in encoding",
        "for encoding",
        "out of range",
        "value too long",
        "invalid input syntax",
        "division by zero",
        "datatype mismatch",
        "string or blob too big",
        "LIKE or GLOB pattern too complex",
    ]
    .iter()
    .any(|sign| text.contains(sign))
}

/// What stands in a row and cannot be.
pub(super) fn broken(table: &str, row: &str) -> StoreError {
    StoreError::Broken(format!(
        "table {table}, row {row}: a value that no version wrote"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class_of(text: &str) -> StoreError {
        let said = Box::new(text.to_owned());
        Error::DatabaseError(DatabaseErrorKind::Unknown, said).into()
    }

    #[test]
    fn what_fails_the_same_way_tomorrow_is_no_outage() {
        for text in [
            "character with byte sequence 0xd0 0x98 in encoding \"UTF8\" has no equivalent in \
             encoding \"LATIN1\"",
            "invalid byte sequence for encoding \"UTF8\": 0xff",
            "bigint out of range",
            "value too long for type character varying(3)",
            "invalid input syntax for type bigint: \"x\"",
            "division by zero",
        ] {
            assert!(matches!(class_of(text), StoreError::Broken(_)), "{text}");
        }
        for text in [
            "canceling statement due to statement timeout",
            "terminating connection due to idle-in-transaction timeout",
            "could not extend file \"base/1/2\": No space left on device",
            "database or disk is full",
            "disk I/O error",
            "database is locked",
            "sorry, too many clients already",
            "the database system is shutting down",
        ] {
            let class = class_of(text);
            assert!(matches!(class, StoreError::Unavailable(_)), "{text}");
        }
    }
}
