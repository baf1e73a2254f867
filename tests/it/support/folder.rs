//! Folders that a test keeps its files in, and that go away with it.

use std::path::Path;
use std::sync::LazyLock;

use tempfile::TempDir;

use super::is_full;

/// Where files are kept in memory, on Linux.
const IN_MEMORY: &str = "/dev/shm";
/// How much must be free there: a container may have 64 MiB, which a few tests at once would fill.
const ENOUGH: u64 = 1 << 30;

static HAS_ROOM: LazyLock<bool> = LazyLock::new(|| {
    let free = rustix::fs::statvfs(IN_MEMORY).map(|fs| fs.f_bavail * fs.f_frsize);
    // The full counts fill databases with millions of rows.
    !is_full() && free.is_ok_and(|free| free >= ENOUGH) && TempDir::new_in(IN_MEMORY).is_ok()
});

/// A folder on a real disk.
pub fn on_disk() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A folder whose files never wait for a disk, where that can be had: most of what a test would take
/// is the waiting for a commit to be forced to the disk, which only the tests of [`on_disk`] are about.
pub fn quick() -> TempDir {
    match *HAS_ROOM {
        true => TempDir::new_in(Path::new(IN_MEMORY)).unwrap(),
        false => on_disk(),
    }
}
