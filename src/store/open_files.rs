//! Whether the files of an SQLite database still are those that were opened.
//!
//! A file that was deleted, moved away or replaced goes on being written by whoever has it open, and all
//! that is written so is lost. So it is looked at by its name, with every look at the change log, before
//! anything is read or written, and after every commit. It is only looked at: to open and close it would
//! end every lock that this process has on it.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::StoreError;

/// The device and the inode of a file. None other has them while it is open.
type Identity = (u64, u64);

struct Watched {
    path: PathBuf,
    /// Nothing, while it has not been seen yet.
    opened: OnceLock<Identity>,
}

/// The files that were opened: the database, and what SQLite keeps beside it for as long as anybody has
/// it open.
pub(super) struct OpenFiles([Watched; 3]);

impl OpenFiles {
    /// Those of the database at `path`, which this process has open, and keeps open while it asks.
    pub fn of(path: &Path) -> Result<Self, StoreError> {
        let identity = identity(path).map_err(|e| unseen(path, &e))?;
        // SQLite puts them beside the file itself, not beside a link to it.
        let own = fs::canonicalize(path).map_err(|e| unseen(path, &e))?;
        let beside = |end: &str| {
            let mut name = OsString::from(&own);
            name.push(end);
            Watched {
                path: PathBuf::from(name),
                opened: OnceLock::new(),
            }
        };
        let files = Self([
            Watched {
                path: path.to_owned(),
                opened: OnceLock::from(identity),
            },
            beside("-wal"),
            beside("-shm"),
        ]);
        files.check()?;
        Ok(files)
    }

    /// That each stands where it was opened.
    pub fn check(&self) -> Result<(), StoreError> {
        self.0.iter().try_for_each(Watched::check)
    }
}

impl Watched {
    fn check(&self) -> Result<(), StoreError> {
        let path = self.path.display();
        let why = match (identity(&self.path), self.opened.get()) {
            (Ok(found), _) if found == *self.opened.get_or_init(|| found) => return Ok(()),
            (Ok(_), _) => format!(
                "{path} is another file than the one that this process opened: put the right one \
                 back, or start the server again if this is the right one"
            ),
            (Err(e), None) if is_gone(&e) => return Ok(()),
            (Err(e), Some(_)) if is_gone(&e) => format!(
                "{path} was deleted or moved away while it was open: put it back, or stop the \
                 server and restore a backup"
            ),
            (Err(e), _) => return Err(unseen(&self.path, &e)),
        };
        Err(StoreError::Unavailable(why))
    }
}

/// Makes the file and its folder for their owner alone, unless they are there.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(parent)?;
    }
    // SQLite would make the file with the umask's mode; its -wal and -shm copy the file's. One that is
    // there is not opened: to close it again would end every lock that this process has on it, and
    // another process would take the database for one that nobody uses.
    let mut file = OpenOptions::new();
    match file.write(true).create_new(true).mode(0o600).open(path) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(e),
        _ => Ok(()),
    }
}

fn unseen(path: &Path, e: &io::Error) -> StoreError {
    StoreError::Unavailable(format!("cannot look at {}: {e}", path.display()))
}

fn identity(path: &Path) -> io::Result<Identity> {
    let found = fs::metadata(path)?;
    Ok((found.dev(), found.ino()))
}

fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
