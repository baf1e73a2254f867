//! Files that only their owner may read, and that appear whole or not at all.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::ambient::random_base62;

/// Writes `contents` to `path` with mode 0600 under any umask, in place of what was there. When it
/// returns `Ok` the file is on the disk; after a crash it is the old one or the new one, whole.
///
/// # Errors
/// Whatever the file system answers; then nothing has changed at `path`.
pub fn write_private_file(path: &Path, contents: &[u8]) -> io::Result<()> {
    let draft = Draft::write(path, contents)?;
    fs::rename(&draft.path, path)?;
    sync_directory(directory_of(path))
}

/// Like [`write_private_file`], but an existing `path` is left alone.
///
/// # Errors
/// `AlreadyExists`, also when another process was faster by a moment; else what the file system
/// answers.
pub(super) fn create_private_file(path: &Path, contents: &[u8]) -> io::Result<()> {
    let draft = Draft::write(path, contents)?;
    // A link, unlike a rename, never replaces: of two processes exactly one succeeds.
    fs::hard_link(&draft.path, path)?;
    drop(draft);
    sync_directory(directory_of(path))
}

/// Makes `directory` and what is missing above it, for its owner only (mode 0700). One that is
/// there keeps its mode.
///
/// # Errors
/// Whatever the file system answers.
pub(super) fn create_private_directory(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    let missing: Vec<&Path> = directory.ancestors().take_while(|d| !d.exists()).collect();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)?;
    // The umask may have taken the owner's rights too.
    fs::set_permissions(directory, Permissions::from_mode(0o700))?;
    // Without this a crash could lose the directory, and with it a file that was synced inside.
    for made in missing {
        sync_directory(directory_of(made))?;
    }
    Ok(())
}

/// A finished file under a name of its own beside its goal; the name goes away with the value.
struct Draft {
    path: PathBuf,
}

impl Draft {
    fn write(goal: &Path, contents: &[u8]) -> io::Result<Self> {
        let name = goal
            .file_name()
            .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let mut draft_name = OsString::from(".");
        draft_name.push(name);
        draft_name.push(format!(".{}", random_base62(12)));
        let path = goal.with_file_name(draft_name);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        let draft = Self { path };
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(contents)?;
        file.sync_all()?;
        Ok(draft)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After a rename there is nothing left, and a name that stays behind is private.
        let _ = fs::remove_file(&self.path);
    }
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_file_replaces_the_old_one_and_leaves_nothing_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("first-sign-in");
        fs::write(&path, "old and longer").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        write_private_file(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_exists_is_not_created_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        create_private_file(&path, b"first").unwrap();
        let error = create_private_file(&path, b"second").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_path_that_names_no_file_is_refused() {
        assert!(write_private_file(Path::new("/"), b"x").is_err());
        let directory = tempfile::tempdir().unwrap();
        assert!(write_private_file(&directory.path().join("missing/file"), b"x").is_err());
    }
}
