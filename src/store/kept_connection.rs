//! One connection outside the pools, for one user of it at a time.

use parking_lot::Mutex;
use r2d2::ManageConnection;

use super::connection::{Opener, PATIENCE};
use super::{AnyConnection, StoreError};

/// A connection that is opened when it is first needed, and again after it failed.
pub(super) struct KeptConnection {
    opener: Opener,
    open: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    connection: Option<AnyConnection>,
    /// How often it was opened.
    opened: u64,
}

impl KeptConnection {
    pub fn new(opener: Opener) -> Self {
        Self {
            opener,
            open: Mutex::default(),
        }
    }

    /// Runs `work` on it, alone. It is told the source of what it reads: another text whenever the
    /// connection was opened again, or another server, database or table answers on it (a pooler
    /// between us keeps the connection open through all of that).
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &str) -> Result<T, E>,
    ) -> Result<T, E> {
        let busy = || StoreError::Unavailable("the kept connection is in use".to_owned());
        let mut open = self.open.try_lock_for(PATIENCE).ok_or_else(busy)?;
        // Taken out: one on which something failed is not used again.
        let kept = open.connection.take().and_then(|mut kept| {
            let source = self.opener.source(&mut kept).ok()?;
            Some((kept, source))
        });
        let (mut connection, source) = match kept {
            Some(kept) => kept,
            None => {
                let mut connection = self.opener.connect()?;
                let source = self.opener.source(&mut connection)?;
                open.opened += 1;
                (connection, source)
            }
        };
        let source = format!("{} {source}", open.opened);
        let done = work(&mut connection, &source)?;
        open.connection = Some(connection);
        Ok(done)
    }
}
