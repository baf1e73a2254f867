//! One connection outside the pools, for one user of it at a time.

use parking_lot::Mutex;
use r2d2::ManageConnection;

use super::connection::{Opener, PATIENCE};
use super::{AnyConnection, StoreError};

/// A connection that is opened when it is first needed, and again after it failed.
pub(super) struct KeptConnection {
    opener: Opener,
    open: Mutex<Option<AnyConnection>>,
}

impl KeptConnection {
    pub fn new(opener: Opener) -> Self {
        Self {
            opener,
            open: Mutex::new(None),
        }
    }

    /// Runs `work` on it, alone.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let busy = || StoreError::Unavailable("the kept connection is in use".to_owned());
        let mut open = self.open.try_lock_for(PATIENCE).ok_or_else(busy)?;
        // Taken out: one on which something failed is not used again.
        let kept = open
            .take()
            .and_then(|mut kept| self.opener.is_valid(&mut kept).is_ok().then_some(kept));
        let mut connection = match kept {
            Some(kept) => kept,
            None => self.opener.connect()?,
        };
        let done = work(&mut connection)?;
        *open = Some(connection);
        Ok(done)
    }
}
