//! The master key: 32 random bytes in one file, under which every other key is wrapped.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustix::process::{getegid, getgroups};
use thiserror::Error;
use zeroize::Zeroizing;

use super::derive::{Key, subkey};
use super::private_file::{create_private_directory, create_private_file};
use crate::ambient::fill_random;

/// The file's name below the keys directory.
pub const FILE_NAME: &str = "master.key";

/// Far more than the 45 bytes of a whole file; bounds what a wrong file can make us read.
const MAX_FILE_BYTES: u64 = 1024;

/// The key that wraps all other keys; lives in `<keys_dir>/master.key` as one line of standard
/// Base64, mode 0600. Wiped when dropped; the 32 bytes themselves are not kept, only what is
/// derived from them.
pub struct MasterKey {
    pub(super) sealing: Key,
    pub(super) fingerprint: String,
}

/// Why the master key could not be had. The text says how to put it right.
#[derive(Debug, Error)]
pub enum KeyFileError {
    #[error(
        "there is no master key at {path}. Everything that is sealed in the database needs it: \
         restore this file from the backup (mode 0600), or name the right folder of keys"
    )]
    Missing { path: PathBuf },
    #[error(
        "the master key {path} cannot be read: {source}. \
         Give the file and its folder to the user that runs mintmark"
    )]
    Unreadable { path: PathBuf, source: io::Error },
    #[error(
        "the master key {path} is not a regular file. \
         Put it aside and restore the file from the backup"
    )]
    NotAFile { path: PathBuf },
    #[error(
        "the master key {path} can be read by others (mode {mode:04o}). \
         Run `chmod 600 {path}`, and consider that somebody may have copied it. \
         One that is mounted as root's may have mode 0440 for a group of this process"
    )]
    Exposed { path: PathBuf, mode: u32 },
    #[error(
        "the master key {path} is corrupt: it must be one line, the Base64 of 32 bytes. \
         Restore the file from the backup"
    )]
    Corrupt { path: PathBuf },
    #[error(
        "the master key {path} cannot be written: {source}. \
         Give its folder to the user that runs mintmark, on a file system with hard links"
    )]
    Unwritable { path: PathBuf, source: io::Error },
}

impl MasterKey {
    /// Reads `<keys_dir>/master.key`.
    ///
    /// # Errors
    /// Any [`KeyFileError`] but `Unwritable`.
    pub fn load(keys_dir: &Path) -> Result<Self, KeyFileError> {
        let path = keys_dir.join(FILE_NAME);
        let unreadable = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => KeyFileError::Missing { path: path.clone() },
            _ => KeyFileError::Unreadable {
                path: path.clone(),
                source,
            },
        };
        // Before opening: a FIFO would block there for ever.
        if !fs::metadata(&path).map_err(unreadable)?.is_file() {
            return Err(KeyFileError::NotAFile { path });
        }
        let file = File::open(&path).map_err(unreadable)?;
        let found = file.metadata().map_err(unreadable)?;
        let mode = found.mode() & 0o7777;
        if is_exposed(mode, found.uid(), || is_own_group(found.gid())) {
            return Err(KeyFileError::Exposed { path, mode });
        }
        // Sized beforehand: a buffer that grew would leave copies behind.
        let mut text = Zeroizing::new(Vec::with_capacity(MAX_FILE_BYTES as usize + 1));
        file.take(MAX_FILE_BYTES)
            .read_to_end(&mut text)
            .map_err(unreadable)?;
        match decode(&text) {
            Some(key) => Ok(Self::from_key(&key)),
            None => Err(KeyFileError::Corrupt { path }),
        }
    }

    /// Makes a new key in `<keys_dir>/master.key`, and the folder (mode 0700) if it is missing. If
    /// a key is there already, or another process makes one at the same time, that one is loaded.
    ///
    /// # Errors
    /// `Unwritable`, or those of [`MasterKey::load`] for a file that is there.
    pub fn create(keys_dir: &Path) -> Result<Self, KeyFileError> {
        let path = keys_dir.join(FILE_NAME);
        if fs::symlink_metadata(&path).is_ok() {
            return Self::load(keys_dir);
        }
        let mut key: Key = Zeroizing::new([0; 32]);
        fill_random(key.as_mut_slice());
        let mut text = Zeroizing::new(STANDARD.encode(key.as_slice()));
        text.push('\n');
        match create_private_directory(keys_dir)
            .and_then(|()| create_private_file(&path, text.as_bytes()))
        {
            Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
                Err(KeyFileError::Unwritable { path, source })
            }
            // From the file in either case, so that what was written is known to be readable.
            _ => Self::load(keys_dir),
        }
    }

    /// Names this key and reveals nothing of it: Base64url of an HKDF-SHA-256 subkey, 43
    /// characters.
    pub fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }

    pub(super) fn from_key(key: &Key) -> Self {
        Self {
            // Not the key itself: AES and HKDF each get a key of their own.
            sealing: subkey(key, "mintmark sealing"),
            fingerprint: URL_SAFE_NO_PAD
                .encode(subkey(key, "mintmark master key fingerprint").as_slice()),
        }
    }
}

/// Whether others can read or change a file of this mode and owner. A secret that a cluster mounts
/// for a process without rights of its own is root's, and readable for one of the process's groups.
fn is_exposed(mode: u32, owner: u32, is_own_group: impl FnOnce() -> bool) -> bool {
    match mode & 0o077 {
        0 => false,
        0o040 => owner != 0 || !is_own_group(),
        _ => true,
    }
}

/// Whether this process acts with the group.
fn is_own_group(group: u32) -> bool {
    let further = getgroups().unwrap_or_default();
    getegid().as_raw() == group || further.iter().any(|own| own.as_raw() == group)
}

fn decode(text: &[u8]) -> Option<Key> {
    let line = text.strip_suffix(b"\n").unwrap_or(text);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let bytes = Zeroizing::new(STANDARD.decode(line).ok()?);
    let mut key: Key = Zeroizing::new([0; 32]);
    if bytes.len() != key.len() {
        return None;
    }
    key.copy_from_slice(&bytes);
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;
    use std::sync::Barrier;
    use std::thread;

    fn put(directory: &Path, contents: &[u8], mode: u32) {
        let path = directory.join(FILE_NAME);
        fs::write(&path, contents).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    }

    fn mode_of(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_new_key_is_private_and_is_loaded_again() {
        let directory = tempfile::tempdir().unwrap();
        let keys = directory.path().join("deep/keys");
        let created = MasterKey::create(&keys).unwrap();
        assert_eq!(mode_of(&keys), 0o700);
        assert_eq!(mode_of(&keys.join(FILE_NAME)), 0o600);
        let text = fs::read_to_string(keys.join(FILE_NAME)).unwrap();
        assert_eq!(STANDARD.decode(text.trim_end()).unwrap().len(), 32);
        assert!(text.ends_with('\n') && text.len() == 45);
        assert_eq!(fs::read_dir(&keys).unwrap().count(), 1);
        let again = MasterKey::create(&keys).unwrap();
        let loaded = MasterKey::load(&keys).unwrap();
        assert_eq!(loaded.fingerprint(), created.fingerprint());
        assert_eq!(again.fingerprint(), created.fingerprint());
        assert_eq!(created.fingerprint().len(), 43);
    }

    /// Runs the test above in a process of its own, because a umask belongs to the process.
    #[test]
    fn a_new_key_is_private_under_any_umask() {
        let (_, module) = module_path!().split_once("::").unwrap();
        for umask in ["000", "027", "077"] {
            let output = Command::new("sh")
                .args(["-c", r#"umask "$1" && exec "$2" --exact "$3""#, "sh", umask])
                .arg(std::env::current_exe().unwrap())
                .arg(format!(
                    "{module}::a_new_key_is_private_and_is_loaded_again"
                ))
                .output()
                .unwrap();
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "umask {umask}: {text}");
            assert!(text.contains("1 passed"), "umask {umask}: {text}");
        }
    }

    #[test]
    fn processes_that_start_at_once_end_with_one_key() {
        let directory = tempfile::tempdir().unwrap();
        let keys = directory.path().join("keys");
        let barrier = Barrier::new(8);
        let fingerprints: Vec<String> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        barrier.wait();
                        MasterKey::create(&keys).unwrap().fingerprint()
                    })
                })
                .collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert!(fingerprints.iter().all(|f| *f == fingerprints[0]));
        assert_eq!(fs::read_dir(&keys).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_key_is_not_made_by_loading_and_the_error_says_what_to_do() {
        let directory = tempfile::tempdir().unwrap();
        let error = MasterKey::load(directory.path()).err().unwrap();
        assert!(matches!(error, KeyFileError::Missing { .. }));
        assert!(
            error
                .to_string()
                .contains("restore this file from the backup")
        );
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let text = format!("{}\n", STANDARD.encode([7; 32]));
        for mode in [0o660, 0o604, 0o620, 0o601, 0o444] {
            put(directory.path(), text.as_bytes(), mode);
            let error = MasterKey::load(directory.path()).err().unwrap();
            assert!(matches!(error, KeyFileError::Exposed { mode: m, .. } if m == mode));
            let path = directory.path().join(FILE_NAME);
            let advice = format!("`chmod 600 {}`", path.display());
            assert!(error.to_string().contains(&advice), "{error}");
        }
        put(directory.path(), text.as_bytes(), 0o400);
        assert!(MasterKey::load(directory.path()).is_ok());
    }

    #[test]
    fn a_key_that_is_roots_may_be_read_by_a_group_of_the_process_and_by_no_other() {
        for mode in [0o440, 0o640] {
            assert!(!is_exposed(mode, 0, || true), "{mode:o}");
            assert!(is_exposed(mode, 0, || false), "{mode:o}");
            assert!(is_exposed(mode, 1000, || true), "{mode:o}");
        }
        for mode in [0o444, 0o460, 0o450, 0o441] {
            assert!(is_exposed(mode, 0, || true), "{mode:o}");
        }
        let directory = tempfile::tempdir().unwrap();
        let text = format!("{}\n", STANDARD.encode([7; 32]));
        put(directory.path(), text.as_bytes(), 0o440);
        let found = fs::metadata(directory.path().join(FILE_NAME)).unwrap();
        assert!(is_own_group(found.gid()));
        let is_taken = MasterKey::load(directory.path()).is_ok();
        assert_eq!(is_taken, found.uid() == 0);
    }

    #[test]
    fn a_key_of_another_shape_is_corrupt() {
        let directory = tempfile::tempdir().unwrap();
        let right = STANDARD.encode([7; 32]);
        let wrong = [
            String::new(),
            "\n".to_owned(),
            STANDARD.encode([7; 31]),
            STANDARD.encode([7; 33]),
            right[..43].to_owned(),
            format!("{right}\n\n"),
            format!(" {right}"),
            "*".repeat(5000),
        ];
        for text in wrong {
            put(directory.path(), text.as_bytes(), 0o600);
            let error = MasterKey::load(directory.path()).err().unwrap();
            assert!(matches!(error, KeyFileError::Corrupt { .. }), "{text:?}");
            let error = MasterKey::create(directory.path()).err().unwrap();
            assert!(matches!(error, KeyFileError::Corrupt { .. }), "{text:?}");
        }
        put(directory.path(), right.as_bytes(), 0o600);
        assert!(MasterKey::load(directory.path()).is_ok());
    }

    #[test]
    fn a_folder_in_the_place_of_the_key_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join(FILE_NAME)).unwrap();
        let error = MasterKey::load(directory.path()).err().unwrap();
        assert!(matches!(error, KeyFileError::NotAFile { .. }));
    }
}
