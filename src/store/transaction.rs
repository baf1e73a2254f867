//! One transaction by hand: diesel's own begins as DEFERRED on SQLite.

use diesel::connection::SimpleConnection;

use super::{AnyConnection, StoreError};

/// A transaction that is undone unless it is committed.
pub(super) struct Transaction<'c> {
    connection: &'c mut AnyConnection,
    open: bool,
}

impl<'c> Transaction<'c> {
    /// Begins it by these statements.
    pub fn begin(connection: &'c mut AnyConnection, begin: &str) -> Result<Self, StoreError> {
        let transaction = Self {
            connection,
            open: true,
        };
        transaction.connection.batch_execute(begin)?;
        Ok(transaction)
    }

    pub fn connection(&mut self) -> &mut AnyConnection {
        self.connection
    }

    /// Commits it, or fails. PostgreSQL takes back a transaction in which a statement failed, and
    /// calls that a success: if the failure was overlooked, another statement tells of it.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        self.connection.batch_execute("SELECT 1; COMMIT")?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.open {
            // It fails when nothing was begun or the connection is gone; both leave nothing open.
            let _ = self.connection.batch_execute("ROLLBACK");
        }
    }
}
