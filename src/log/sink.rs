//! Where lines are written: standard error, reached past the library's lock, which others may hold.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;

/// What takes bytes, some of them at a time.
pub trait Sink {
    /// Writes as much of `bytes` as it takes; answers how much.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// How long it is, where that can be told: another length than before means that somebody else
    /// wrote to it, or cut it.
    fn length(&self) -> Option<u64>;
}

/// What standard error is, whatever that may be.
pub struct StandardError(File);

impl StandardError {
    pub fn open() -> io::Result<Self> {
        let descriptor = io::stderr().as_fd().try_clone_to_owned()?;
        Ok(Self(descriptor.into()))
    }
}

impl Sink for StandardError {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn length(&self) -> Option<u64> {
        self.0.metadata().ok().map(|file| file.len())
    }
}
