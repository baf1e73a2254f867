//! Whole-database acts: an online copy, and a check that the file is sound.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};

use super::connection::AnyConnection;
use super::database_url::take_apart;
use super::{Database, DatabaseUrl, StoreError};
use crate::ambient::random_base62;

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    text: String,
}

impl Database {
    /// Copies the whole database into the new file `target`, mode 0600, while it is in use. For
    /// PostgreSQL it is `pg_dump` that does it, in its custom format. Answers its size in bytes.
    pub fn backup(&self, target: &Path) -> Result<u64, StoreError> {
        let failed = |e: &dyn std::fmt::Display| {
            StoreError::Refused(format!("cannot back up into {}: {e}", target.display()))
        };
        // Made by us, so that the mode is right from the first byte and nothing is overwritten.
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(target)
            .map_err(|e| match e.kind() {
                io::ErrorKind::AlreadyExists => failed(&"it exists: choose a new name"),
                _ => failed(&e),
            })?;
        let copied = match self.url() {
            DatabaseUrl::Sqlite(_) => self.vacuum_into(target),
            DatabaseUrl::Postgresql(url) => dump(url.expose(), target),
        };
        let size = copied.and_then(|()| {
            let file = fs::File::open(target).map_err(|e| failed(&e))?;
            file.sync_all().map_err(|e| failed(&e))?;
            match file.metadata().map_err(|e| failed(&e))?.len() {
                0 => Err(failed(&"nothing was written")),
                size => Ok(size),
            }
        });
        if size.is_err() {
            let _ = fs::remove_file(target);
        }
        size
    }

    /// As [`Database::backup`], into an open file or pipe. Answers how many bytes were written.
    pub fn backup_to(&self, out: &mut impl Write) -> Result<u64, StoreError> {
        let failed = |e: io::Error| StoreError::Refused(format!("cannot write the backup: {e}"));
        let written = match self.url() {
            DatabaseUrl::Sqlite(path) => {
                // SQLite copies into files only; beside the database there is room for one.
                let mut name = path.clone().into_os_string();
                name.push(format!(".backup-{}", random_base62(8)));
                let copy = Path::new(&name);
                self.backup(copy)?;
                let written = fs::File::open(copy).and_then(|mut copy| io::copy(&mut copy, out));
                let _ = fs::remove_file(copy);
                written.map_err(failed)?
            }
            DatabaseUrl::Postgresql(url) => {
                let mut child = pg_dump(url.expose())
                    .stdout(Stdio::piped())
                    .spawn()
                    .map_err(|e| cannot_run(&e))?;
                let written = match child.stdout.take() {
                    Some(mut said) => io::copy(&mut said, out),
                    None => Ok(0),
                };
                let ended = child.wait().map_err(failed)?;
                let written = written.map_err(failed)?;
                if !ended.success() || written == 0 {
                    return Err(StoreError::Refused("pg_dump failed".to_owned()));
                }
                written
            }
        };
        out.flush().map_err(failed)?;
        Ok(written)
    }

    fn vacuum_into(&self, target: &Path) -> Result<(), StoreError> {
        // A name is a name: SQLite reads one that begins with `file:` as a URI, but never an
        // absolute path.
        let absolute = std::path::absolute(target).ok();
        let name = absolute.as_deref().and_then(Path::to_str);
        let name = name.map(str::to_owned).ok_or_else(|| {
            StoreError::Refused(format!("{} is no name in UTF-8", target.display()))
        })?;
        self.raw(|connection| {
            sql_query("VACUUM INTO ?")
                .bind::<Text, _>(name)
                .execute(connection)?;
            Ok(())
        })
    }

    /// What is wrong with the database as a file; an empty list when it is sound.
    pub fn check_integrity(&self) -> Result<Vec<String>, StoreError> {
        self.raw(|connection| {
            let AnyConnection::Sqlite(c) = connection else {
                return Ok(Vec::new());
            };
            let checks = [
                "SELECT integrity_check AS text FROM pragma_integrity_check \
                 WHERE integrity_check <> 'ok'",
                "SELECT 'table ' || \"table\" || ': a row refers to none in ' || parent AS text \
                 FROM pragma_foreign_key_check",
            ];
            let mut findings = Vec::new();
            for check in checks {
                let found: Vec<Finding> = sql_query(check).load(c)?;
                findings.extend(found.into_iter().map(|finding| finding.text));
            }
            Ok(findings)
        })
    }
}

/// `pg_dump`; a password goes by the environment, because arguments are visible to everybody.
fn pg_dump(url: &str) -> Command {
    let apart = take_apart(url);
    let mut command = Command::new("pg_dump");
    command
        .arg("--format=custom")
        .arg("--dbname")
        .arg(apart.bare);
    if let Some(password) = apart.password {
        command.env("PGPASSWORD", password.expose());
    }
    command
}

fn cannot_run(e: &io::Error) -> StoreError {
    StoreError::Refused(format!(
        "cannot run pg_dump ({e}): install PostgreSQL's client programs"
    ))
}

fn dump(url: &str, target: &Path) -> Result<(), StoreError> {
    let target = std::path::absolute(target).unwrap_or_else(|_| target.to_owned());
    let mut command = pg_dump(url);
    command.arg("--file").arg(target);
    let output = command.output().map_err(|e| cannot_run(&e))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(StoreError::Refused(format!("pg_dump: {}", said.trim())))
}
