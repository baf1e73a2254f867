//! Key files: lost, corrupt, wrong, exposed; and their modes.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{SetUp, names};
use crate::support::{Process, SERVE, TestDatabase, cli, command};

const KEY: &str = "keys/master.key";

fn put(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o7777
}

/// Damages the key file, and checks that nothing starts, that the reason is `why`, that the file is
/// left as it is, and that all is well once it is restored.
fn assert_refused(damage: impl Fn(&Path), why: &str) {
    let set_up = SetUp::new();
    let file = set_up.folder.path().join(KEY);
    let right = fs::read_to_string(&file).unwrap();
    damage(&file);
    let before = fs::read(&file).ok();
    let expected = format!("mintmark: {why}");
    assert_eq!(set_up.refused(), expected);
    assert_eq!(fs::read(&file).ok(), before, "the file is left as it is");
    // So do the commands that need the key; the first of them makes a secret.
    let url = set_up.database.url_text();
    let commands: [&[&str]; 2] = [
        &["client", "create", "--user", "admin"],
        &["database", "check"],
    ];
    for args in commands {
        let output = cli(set_up.folder.path(), &url, args, "");
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(
            String::from_utf8(output.stderr).unwrap().trim_end(),
            expected
        );
        assert!(output.stdout.is_empty());
    }
    assert_eq!(fs::read(&file).ok(), before, "the file is left as it is");
    let _ = fs::remove_dir(&file);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    put(&file, &right, 0o600);
    set_up.assert_serves();
}

const MISSING: &str = "there is no master key at keys/master.key. Everything that is sealed in the \
    database needs it: restore this file from the backup (mode 0600), or name the right folder of \
    keys";
const CORRUPT: &str = "the master key keys/master.key is corrupt: it must be one line, the Base64 \
    of 32 bytes. Restore the file from the backup";

#[test]
fn without_the_master_key_nothing_starts_and_none_is_made() {
    assert_refused(|file| fs::remove_file(file).unwrap(), MISSING);
}

#[test]
fn without_the_keys_folder_nothing_starts_and_none_is_made() {
    let lose = |file: &Path| fs::remove_dir_all(file.parent().unwrap()).unwrap();
    assert_refused(lose, MISSING);
}

#[test]
fn with_a_corrupt_master_key_nothing_starts() {
    for text in ["", "\n", "not base64 at all\n", "AAAA\n"] {
        assert_refused(|file| put(file, text, 0o600), CORRUPT);
    }
}

#[test]
fn with_a_truncated_master_key_nothing_starts() {
    let truncate = |file: &Path| {
        let text = fs::read_to_string(file).unwrap();
        put(file, &text[..40], 0o600);
    };
    assert_refused(truncate, CORRUPT);
}

#[test]
fn with_another_databases_master_key_nothing_starts() {
    let why = "keys/master.key is not the master key of this database: put back the one from the \
        same back-up as the database, or point --database-url and --keys-dir to what belongs \
        together";
    let other = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
    assert_refused(|file| put(file, other, 0o600), why);
}

#[test]
fn with_a_master_key_that_others_can_read_nothing_starts() {
    for mode in [0o644, 0o660, 0o604, 0o666] {
        let why = format!(
            "the master key keys/master.key can be read by others (mode {mode:04o}). Run \
             `chmod 600 keys/master.key`, and consider that somebody may have copied it. One that \
             is mounted as root's may have mode 0440 for a group of this process"
        );
        let expose = |file: &Path| fs::set_permissions(file, Permissions::from_mode(mode)).unwrap();
        assert_refused(expose, &why);
    }
}

#[test]
fn with_a_folder_in_the_place_of_the_master_key_nothing_starts() {
    let why = "the master key keys/master.key is not a regular file. Put it aside and restore the \
        file from the backup";
    let replace = |file: &Path| {
        fs::remove_file(file).unwrap();
        fs::create_dir(file).unwrap();
    };
    assert_refused(replace, why);
}

#[test]
fn what_a_start_makes_is_private_under_any_umask() {
    for umask in ["000", "022", "077"] {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::create();
        // An SQLite file below a folder that is missing, which is made too.
        let url = match TestDatabase::is_postgresql() {
            true => database.url_text(),
            false => "sqlite:data/mintmark.db".to_owned(),
        };
        let serve = command(folder.path(), &url, &SERVE);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "umask $0 && exec \"$@\"", umask])
            .arg(serve.get_program())
            .args(serve.get_args())
            .envs(
                serve
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let server = Process::try_spawn(folder.path(), shell).unwrap();
        let keys = folder.path().join("keys");
        assert_eq!(names(&keys), ["first-start.txt", "master.key"]);
        let mut made = vec!["keys", "keys/first-start.txt", "keys/master.key"];
        if !TestDatabase::is_postgresql() {
            made.extend([
                "data",
                "data/mintmark.db",
                "data/mintmark.db-wal",
                "data/mintmark.db-shm",
            ]);
        }
        for name in made {
            let path = folder.path().join(name);
            let expected = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode(&path), expected, "{name} under umask {umask}");
        }
        assert_eq!(super::token(&server, &server.first_key()).status, 200);
    }
}
