//! The pools of connections: what each is for, how many it has, and how long one is waited for.

use r2d2::{ManageConnection, NopErrorHandler, Pool, PooledConnection};

use super::StoreError;
use super::connection::{Opener, PATIENCE};

/// How many long reads go on at once. They have connections of their own, opened when they are needed,
/// so that what is read by its key never waits behind them.
const LONG_READS: u32 = 2;

/// What a connection that only reads is wanted for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reading {
    /// What an index leads to.
    Short,
    /// A walk through all of a table, however long that is.
    Long,
}

impl Reading {
    /// A list, which an index leads through unless something is searched in it.
    pub fn list(search: Option<&str>) -> Self {
        match search {
            None => Self::Short,
            Some(_) => Self::Long,
        }
    }
}

type Borrowed = PooledConnection<Opener>;

/// A pool of `size` connections that keeps one open.
///
/// # Errors
/// When none can be opened now.
pub(super) fn pool(opener: Opener, size: u32) -> Result<Pool<Opener>, StoreError> {
    // Asked once by hand: the pool would only say that it timed out, and would wait for that.
    drop(opener.connect()?);
    Ok(lazy_pool(opener, size, 1))
}

/// The connections for long reads: most servers need none of them most of the time.
pub(super) fn long_readers(opener: Opener) -> Pool<Opener> {
    lazy_pool(opener, LONG_READS, 0)
}

fn lazy_pool(opener: Opener, size: u32, idle: u32) -> Pool<Opener> {
    Pool::builder()
        .max_size(size)
        .min_idle(Some(idle))
        .connection_timeout(PATIENCE)
        .error_handler(Box::new(NopErrorHandler))
        .build_unchecked(opener)
}

pub(super) fn borrow(pool: &Pool<Opener>) -> Result<Borrowed, StoreError> {
    pool.get()
        .map_err(|e| StoreError::Unavailable(e.to_string()))
}
