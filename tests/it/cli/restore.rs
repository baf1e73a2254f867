//! `database restore`, `new-epoch`, a backup to standard output, and what a damaged or exposed file
//! comes to.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::start::{SetUp, names, refused, token};
use crate::support::{Credentials, Request, TestDatabase, cli, command};

fn run(set_up: &SetUp, args: &[&str]) -> Output {
    let url = set_up.database.url_text();
    cli(set_up.folder.path(), &url, args, "")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn epoch(set_up: &SetUp) -> String {
    let epoch = "SELECT epoch AS text FROM change_head";
    set_up.database.query(epoch).remove(0)
}

fn is_refused(set_up: &SetUp, client: &Credentials) -> bool {
    token(&set_up.start(), client).status == 401
}

/// The database's file, its log as another process that was killed left it, and a backup of before.
fn with_log_and_backup() -> (SetUp, std::path::PathBuf) {
    let set_up = SetUp::new();
    let backup = set_up.folder.path().join("backup.db");
    let made = run(&set_up, &["database", "backup", "backup.db"]);
    assert!(made.status.success(), "{made:?}");
    let mut server = set_up.start();
    let id = &set_up.first.client_id;
    let off = run(&set_up, &["client", "disable", "--id", id]);
    assert!(off.status.success(), "{off:?}");
    server.signal("KILL");
    server.wait(std::time::Duration::from_secs(10)).unwrap();
    (set_up, backup)
}

#[test]
fn a_restore_takes_the_place_of_the_database_and_leaves_nothing_of_its_log() {
    if TestDatabase::is_postgresql() {
        let set_up = SetUp::new();
        let output = run(&set_up, &["database", "restore", "backup"]);
        assert_eq!(output.status.code(), Some(1));
        let said = said(&output);
        assert!(
            said.contains("pg_restore") && said.contains("database new-epoch"),
            "{said}"
        );
        return;
    }
    let (set_up, _) = with_log_and_backup();
    let file = set_up.database.file().unwrap();
    let before = epoch(&set_up);
    let folder = file.parent().unwrap();
    let log = folder.join("test.db-wal");
    // Opened and closed by the query, the log is gone; one of another database stands for it.
    fs::write(&log, vec![7; 40_000]).unwrap();
    let restored = run(
        &set_up,
        &["database", "restore", "backup.db", "--output", "json"],
    );
    assert!(restored.status.success(), "{restored:?}");
    let shown: Value = serde_json::from_slice(&restored.stdout).unwrap();
    assert_eq!(shown["master_key"], "ok");
    let replaced = shown["replaced"].as_str().unwrap().to_owned();
    assert!(Path::new(&replaced).exists());
    assert_eq!(fs::read(format!("{replaced}-wal")).unwrap().len(), 40_000);
    assert_eq!(
        file.metadata().unwrap().permissions().mode() & 0o7777,
        0o600
    );
    assert!(!log.exists());
    assert_eq!(names(folder).len(), 3, "{:?}", names(folder));
    let check = run(&set_up, &["database", "check"]);
    assert!(check.status.success(), "{check:?}");
    assert_ne!(epoch(&set_up), before, "another history");
    let events = "SELECT kind AS text FROM audit_events WHERE kind LIKE 'database.%'";
    assert_eq!(set_up.database.query(events), ["database.epoch_begun"]);
    assert!(!is_refused(&set_up, &set_up.first), "as in the backup");
}

#[test]
fn beside_a_running_server_nothing_is_restored() {
    if TestDatabase::is_postgresql() {
        return;
    }
    let (set_up, _) = with_log_and_backup();
    let server = set_up.start();
    let before = names(set_up.database.file().unwrap().parent().unwrap());
    let output = run(&set_up, &["database", "restore", "backup.db"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        said(&output).contains("is open in another process: stop every `mintmark serve`"),
        "{output:?}"
    );
    let after = names(set_up.database.file().unwrap().parent().unwrap());
    assert_eq!(after, before, "nothing is left beside it");
    assert_eq!(token(&server, &set_up.first).status, 401);
}

#[test]
fn what_is_no_backup_is_not_restored_and_changes_nothing() {
    if TestDatabase::is_postgresql() {
        return;
    }
    let (set_up, backup) = with_log_and_backup();
    let folder = set_up.folder.path();
    let bytes = fs::read(&backup).unwrap();
    let other = SetUp::new();
    let made = run(&other, &["database", "backup", "other.db"]);
    assert!(made.status.success());
    let other = other.folder.path().join("other.db");
    let put = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    put("empty", b"");
    put("text", b"no database at all");
    put("short", &bytes[..bytes.len() / 2]);
    put("dump", b"PGDMP and so on");
    put("with-log", &bytes);
    put("with-log-wal", b"x");
    let mut torn = bytes.clone();
    let middle = torn.len() / 2;
    torn[middle..middle + 8192].fill(0xa5);
    put("torn", &torn);
    let state = set_up.database.state();
    let before = names(set_up.database.file().unwrap().parent().unwrap());
    let own = set_up.database.file().unwrap();
    for (source, why) in [
        ("missing", "No such file"),
        ("empty", "it is empty"),
        ("text", "no SQLite database"),
        ("short", "is damaged"),
        ("torn", "damaged"),
        ("dump", "of a PostgreSQL database"),
        ("with-log", "with-log-wal lies beside it"),
        (own.to_str().unwrap(), "it is the database itself"),
        (
            other.to_str().unwrap(),
            "is not the master key of this database",
        ),
    ] {
        let output = run(&set_up, &["database", "restore", source]);
        assert_eq!(output.status.code(), Some(1), "{source}");
        let said = said(&output);
        assert!(
            said.contains(why) || (source == "torn" && said.contains("malformed")),
            "{source}: {said}"
        );
    }
    assert_eq!(set_up.database.state(), state);
    let after = names(own.parent().unwrap());
    assert_eq!(after, before);
}

#[test]
fn a_lost_database_is_restored_from_standard_input() {
    if TestDatabase::is_postgresql() {
        return;
    }
    let (set_up, backup) = with_log_and_backup();
    let file = set_up.database.file().unwrap();
    fs::remove_file(&file).unwrap();
    let mut restore = command(
        set_up.folder.path(),
        &set_up.database.url_text(),
        &["database", "restore", "-"],
    );
    restore.stdin(fs::File::open(&backup).unwrap());
    let output = restore.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    set_up.assert_serves();
}

#[test]
fn a_new_epoch_ends_every_session_and_running_servers_go_on() {
    let set_up = SetUp::new();
    let server = set_up.start();
    assert_eq!(token(&server, &set_up.first).status, 200);
    let before = epoch(&set_up);
    let output = run(&set_up, &["database", "new-epoch"]);
    assert!(output.status.success(), "{output:?}");
    assert_ne!(epoch(&set_up), before);
    assert_eq!(token(&server, &set_up.first).status, 200);
    assert_eq!(server.send(&Request::new("GET", "/readyz")).status, 200);
}

#[test]
fn a_name_is_a_name_and_a_hyphen_is_standard_output() {
    let set_up = SetUp::new();
    let folder = set_up.folder.path();
    for name in ["file:b.db", "file:c.db?mode=memory", ":memory:"] {
        let output = run(&set_up, &["database", "backup", name]);
        assert!(output.status.success(), "{output:?}");
        assert!(folder.join(name).metadata().unwrap().len() > 1000, "{name}");
    }
    let mut backup = command(
        folder,
        &set_up.database.url_text(),
        &["database", "backup", "-"],
    );
    let output = backup.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let begins: &[u8] = match TestDatabase::is_postgresql() {
        true => b"PGDMP",
        false => b"SQLite format 3\0",
    };
    assert!(output.stdout.starts_with(begins));
    let told = format!("{} bytes written to standard output", output.stdout.len());
    assert!(said(&output).contains(&told), "{output:?}");
    let all = ["file:b.db", "file:c.db?mode=memory", ":memory:", "keys"];
    let mut all = all.map(str::to_owned).to_vec();
    all.sort();
    assert_eq!(names(folder), all, "no file named -");
    // Nobody reads: that is no success.
    let mut full = command(
        folder,
        &set_up.database.url_text(),
        &["database", "backup", "-"],
    );
    let full = full
        .stdout(
            fs::OpenOptions::new()
                .write(true)
                .open("/dev/full")
                .unwrap(),
        )
        .output()
        .unwrap();
    assert_eq!(full.status.code(), Some(1), "{full:?}");
}

#[test]
fn a_url_with_a_newline_at_its_end_names_the_same_database() {
    let set_up = SetUp::new();
    let folder = set_up.folder.path();
    let url = set_up.database.url_text();
    for end in ["\n", "\r\n", " \n"] {
        let output = cli(folder, &format!("{url}{end}"), &["client", "list"], "");
        assert!(output.status.success(), "{output:?}");
    }
    for wrong in ["sqlite:a\nb.db", "sqlite:a\tb.db", "postgres://h/a\nb"] {
        let output = cli(folder, wrong, &["client", "list"], "");
        assert_eq!(output.status.code(), Some(1));
        assert!(
            said(&output).contains("no control characters"),
            "{output:?}"
        );
    }
    let mut check = command(folder, &url, &["database", "check"]);
    let output = check.env("MINTMARK_KEYS_DIR", "keys\n").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(names(folder), ["keys"]);
}

#[test]
fn a_damaged_file_is_not_served() {
    if TestDatabase::is_postgresql() {
        return;
    }
    let set_up = SetUp::new();
    let file = set_up.database.file().unwrap();
    set_up.database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    let sound = fs::read(&file).unwrap();
    let url = set_up.database.url_text();
    let root = |table: &str| -> usize {
        let query = format!(
            "SELECT CAST(rootpage AS TEXT) AS text FROM sqlite_master WHERE name = '{table}'"
        );
        set_up.database.query(&query)[0].parse().unwrap()
    };
    let pages = ["clients", "users", "signing_keys", "changes"].map(root);
    let damage = |at: usize, with: &[u8]| {
        let mut bytes = sound.clone();
        bytes[at..at + with.len()].copy_from_slice(with);
        bytes
    };
    let mut cases = vec![
        sound[..sound.len() - 4096].to_vec(),
        sound[..50].to_vec(),
        damage(0, b"not SQLite at all"),
        damage(16, &[3, 3]),
        damage(18, &[9, 9]),
        damage(100, &[0; 200]),
    ];
    for page in pages {
        cases.push(damage((page - 1) * 4096, &[0; 4096]));
        cases.push(damage((page - 1) * 4096, &[0xff; 64]));
    }
    for (at, bytes) in cases.iter().enumerate() {
        fs::write(&file, bytes).unwrap();
        let why = refused(set_up.folder.path(), &url, &[]);
        assert!(
            why.contains("damaged") || why.contains("malformed") || why.contains("broken"),
            "{at}: {why}"
        );
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{end}", file.display()));
        }
    }
    // What only the whole check sees: an index without its last entry.
    let page = (root("clients_by_user") - 1) * 4096;
    fs::write(&file, damage(page + 4, &[sound[page + 4] - 1])).unwrap();
    let why = refused(set_up.folder.path(), &url, &["--check-database", "full"]);
    assert!(why.contains("missing from index clients_by_user"), "{why}");
    fs::write(&file, &sound).unwrap();
    set_up.assert_serves();
}

#[test]
fn what_others_can_read_or_replace_is_told() {
    let set_up = SetUp::new();
    let folder = set_up.folder.path();
    let keys = folder.join("keys");
    let mode = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    mode(&keys, 0o777);
    let mut told = vec!["`chmod o-w keys`".to_owned()];
    if let Some(file) = set_up.database.file() {
        mode(&file, 0o644);
        told.push(format!("`chmod 600 {}`", file.display()));
    }
    let output = run(&set_up, &["database", "check"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let server = set_up.start();
    for what in &told {
        assert!(said(&output).contains(what), "{output:?}");
        assert!(
            server.log().iter().any(|line| line.contains(what)),
            "{:?}",
            server.log()
        );
    }
    drop(server);
    // As a cluster mounts a secret: only its owner may replace what lies there.
    mode(&keys, 0o1777);
    if let Some(file) = set_up.database.file() {
        mode(&file, 0o600);
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{end}", file.display()));
        }
    }
    let output = run(&set_up, &["database", "check"]);
    assert!(output.status.success(), "{output:?}");
}
