//! Puts a backup into the place of an SQLite database: whole or not at all, beside no process that has
//! the old one open, and with nothing of the old one's log left to be taken for its own.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, fcntl_lock};
use rustix::process::geteuid;

use super::{Database, DatabaseUrl, StoreError};
use crate::ambient::random_base62;

/// What SQLite keeps beside a database; `-shm` holds nothing that lasts.
const BESIDE: [&str; 2] = ["-wal", "-journal"];

/// A copy of the backup beside the place that it is to have. It goes away unless it is put there.
pub struct Staged {
    copy: PathBuf,
    place: PathBuf,
}

impl Staged {
    /// Copies the backup `source` (`-` is standard input).
    pub fn copy(source: &Path, url: &DatabaseUrl) -> Result<Self, StoreError> {
        let DatabaseUrl::Sqlite(place) = url else {
            return Err(StoreError::Refused(
                "a PostgreSQL database is restored by PostgreSQL's own programs: stop every \
                 `mintmark serve`, run `pg_restore --no-owner --exit-on-error --dbname=NAME FILE` \
                 into a new and empty database, then `mintmark database migrate` and `mintmark \
                 database new-epoch`, before any server starts"
                    .to_owned(),
            ));
        };
        // What a link names is replaced, not the link.
        let place = place.canonicalize().unwrap_or_else(|_| place.clone());
        if let Some(folder) = place.parent().filter(|f| !f.as_os_str().is_empty()) {
            let mut made = DirBuilder::new();
            made.recursive(true).mode(0o700);
            made.create(folder).map_err(|e| failed(folder, &e))?;
        }
        let mut from: Box<dyn Read> = match source.to_str() {
            Some("-") => Box::new(io::stdin().lock()),
            _ => {
                check_source(source, &place)?;
                Box::new(File::open(source).map_err(|e| failed(source, &e))?)
            }
        };
        let staged = Self {
            copy: with_end(&place, &format!(".restored-{}", random_base62(8))),
            place,
        };
        let into = &staged.copy;
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(into)
            .map_err(|e| failed(into, &e))?;
        let size = io::copy(&mut from, &mut file).map_err(|e| failed(into, &e))?;
        file.sync_all().map_err(|e| failed(into, &e))?;
        let mut begin = [0; 5];
        let read = File::open(into).and_then(|mut f| f.read(&mut begin));
        if size == 0 || read.map_err(|e| failed(into, &e))? == 0 {
            return Err(failed(source, &"it is empty"));
        }
        if &begin == b"PGDMP" {
            return Err(failed(source, &"it is a backup of a PostgreSQL database"));
        }
        super::header::check(into).map_err(|e| failed(source, &e))?;
        Ok(staged)
    }

    /// Opens the copy: whatever has to be changed is changed before it takes its place.
    pub fn open(&self) -> Result<Database, StoreError> {
        Database::open(&DatabaseUrl::Sqlite(self.copy.clone()), 1)
    }

    /// Gives the copy its place. Answers where the old database is now, if there was one.
    pub fn put(self, database: Database) -> Result<Option<PathBuf>, StoreError> {
        database.fold()?;
        drop(database);
        let place = &self.place;
        let broken = |e: &dyn std::fmt::Display| failed(place, e);
        File::open(&self.copy)
            .and_then(|copy| copy.sync_all())
            .map_err(|e| broken(&e))?;
        // It holds the lock until it is closed, at the end.
        let old = match OpenOptions::new().read(true).write(true).open(place) {
            Ok(old) => Some(old),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) => return Err(broken(&e)),
        };
        if let Some(old) = &old {
            // Whoever has an SQLite database open in this mode holds a lock on it all the time.
            fcntl_lock(old, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
                StoreError::Refused(format!(
                    "{} is open in another process: stop every `mintmark serve` on it first",
                    place.display()
                ))
            })?;
        }
        self.give_to_owner(old.as_ref());
        let kept = with_end(place, &format!(".replaced-{}", random_base62(8)));
        let leftover = |end: &str| {
            let file = with_end(place, end);
            file.metadata().is_ok_and(|found| found.len() > 0)
        };
        let has_log = BESIDE.iter().any(|end| leftover(end));
        if old.is_some() {
            // What stands in the log belongs to the old file, so that one goes first: at no moment
            // does the place hold a database without what was committed to it.
            let moved = match has_log {
                true => fs::rename(place, &kept),
                false => fs::hard_link(place, &kept).or_else(|_| fs::rename(place, &kept)),
            };
            moved.map_err(|e| broken(&e))?;
        }
        for end in BESIDE {
            let (from, to) = (with_end(place, end), with_end(&kept, end));
            if from.exists() {
                fs::rename(&from, &to).map_err(|e| broken(&e))?;
            }
        }
        let _ = fs::remove_file(with_end(place, "-shm"));
        fs::rename(&self.copy, place).map_err(|e| broken(&e))?;
        let folder = place.parent().filter(|f| !f.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))
            .and_then(|folder| folder.sync_all())
            .map_err(|e| broken(&e))?;
        Ok(old.map(|_| kept))
    }

    /// Root restores for whoever runs the server: the owner of the old file, or of its folder.
    fn give_to_owner(&self, old: Option<&File>) {
        if !geteuid().is_root() {
            return;
        }
        let found = match old {
            Some(old) => old.metadata(),
            None => self.copy.parent().unwrap_or(Path::new(".")).metadata(),
        };
        if let Ok(found) = found {
            // One that cannot be given away is found by the server, which says so.
            let _ = chown(&self.copy, Some(found.uid()), Some(found.gid()));
        }
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            let _ = fs::remove_file(with_end(&self.copy, end));
        }
    }
}

/// Refuses what is no backup: the database itself, and a copy of one with its log beside it.
fn check_source(source: &Path, place: &Path) -> Result<(), StoreError> {
    let found = source.metadata().map_err(|e| failed(source, &e))?;
    if !found.is_file() {
        return Err(failed(source, &"it is no regular file"));
    }
    if place
        .metadata()
        .is_ok_and(|at| (at.dev(), at.ino()) == (found.dev(), found.ino()))
    {
        return Err(failed(source, &"it is the database itself"));
    }
    for end in BESIDE {
        let beside = with_end(source, end);
        if beside.metadata().is_ok_and(|found| found.len() > 0) {
            let why = format!(
                "{} lies beside it, so it is a database with its log and no backup: make one of it \
                 with `mintmark --database-url sqlite:{} database backup NEW`",
                beside.display(),
                source.display()
            );
            return Err(failed(source, &why));
        }
    }
    Ok(())
}

fn failed(path: &Path, why: &dyn std::fmt::Display) -> StoreError {
    StoreError::Refused(format!("cannot restore: {}: {why}", path.display()))
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    PathBuf::from(name)
}
