//! A master key that is mounted as a cluster mounts a secret: root's, readable for a group of the
//! process, in a folder that the process cannot write.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Process, SERVE, signal};

/// Nobody's, as a container runs; root stays who runs the tests.
const USER: u32 = 65_532;
const GROUP: u32 = 4242;

/// `serve` in `folder`, by a process without rights where the tests have them.
fn serve(folder: &Path, is_root: bool) -> Command {
    let binary = folder.join("mintmark");
    let mut serve = match is_root {
        true => {
            let mut dropped = Command::new("setpriv");
            dropped
                .arg(format!("--reuid={USER}"))
                .arg(format!("--regid={USER}"));
            dropped.arg(format!("--groups={GROUP}")).arg(binary);
            dropped
        }
        false => Command::new(binary),
    };
    serve
        .current_dir(folder)
        .args(SERVE.iter().filter(|arg| **arg != "--init"))
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    serve
}

#[test]
fn a_mounted_master_key_serves_and_the_first_sign_in_lies_beside_the_database() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    // Others may have to reach the binary.
    fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_mintmark"), folder.join("mintmark")).unwrap();
    let is_root = folder.metadata().unwrap().uid() == 0;
    let keys = folder.join("keys");
    let data = folder.join("data");
    fs::create_dir(&keys).unwrap();
    fs::create_dir(&data).unwrap();
    let key = keys.join("master.key");
    fs::write(&key, "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n").unwrap();
    // A group of its own and mode 0440 where root can give them; else what an owner alone has.
    if is_root {
        chown(&key, Some(0), Some(GROUP)).unwrap();
        chown(&data, Some(USER), Some(USER)).unwrap();
    }
    let mode = if is_root { 0o440 } else { 0o400 };
    fs::set_permissions(&key, Permissions::from_mode(mode)).unwrap();
    fs::set_permissions(&keys, Permissions::from_mode(0o555)).unwrap();

    // A key without a database is the rest of an installation, unless the operator knows better.
    let refused = Process::try_spawn(folder, serve(folder, is_root));
    let why = refused.err().unwrap();
    assert!(why.contains("--init=with-key"), "{why}");
    let mut first = serve(folder, is_root);
    first.arg("--init=with-key");
    let server = Process::try_spawn(folder, first).unwrap();
    let beside = data.join("first-start.txt");
    let told = server
        .log()
        .into_iter()
        .find(|line| line.contains("first start"));
    assert!(told.unwrap().contains("data/first-start.txt"));
    assert_eq!(beside.metadata().unwrap().mode() & 0o7777, 0o600);
    assert!(!keys.join("first-start.txt").exists());
    assert!(signal(server.child.id(), "TERM"));
    drop(server);

    // Everybody's is nobody's secret.
    fs::set_permissions(&key, Permissions::from_mode(mode | 0o004)).unwrap();
    let refused = Process::try_spawn(folder, serve(folder, is_root));
    let why = refused.err().unwrap();
    assert!(
        why.contains("keys/master.key can be read by others"),
        "{why}"
    );
    fs::set_permissions(&keys, Permissions::from_mode(0o755)).unwrap();
}
