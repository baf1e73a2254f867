//! Whole-database acts: an online copy, and a check that the file is sound.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Command;

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};

use super::connection::AnyConnection;
use super::database_url::take_apart;
use super::{Database, DatabaseUrl, StoreError};

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    text: String,
}

impl Database {
    /// Copies the whole database into the new file `target`, mode 0600, while it is in use. For
    /// PostgreSQL it is `pg_dump` that does it, in its custom format.
    pub fn backup(&self, target: &Path) -> Result<(), StoreError> {
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
        if copied.is_err() {
            let _ = fs::remove_file(target);
        }
        copied?;
        let file = fs::File::open(target).map_err(|e| failed(&e))?;
        file.sync_all().map_err(|e| failed(&e))
    }

    fn vacuum_into(&self, target: &Path) -> Result<(), StoreError> {
        let name = target.to_string_lossy().into_owned();
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

/// Runs `pg_dump`; a password goes by the environment, because arguments are visible to everybody.
fn dump(url: &str, target: &Path) -> Result<(), StoreError> {
    let apart = take_apart(url);
    let mut command = Command::new("pg_dump");
    command
        .arg("--format=custom")
        .arg("--file")
        .arg(target)
        .arg("--dbname")
        .arg(apart.bare);
    if let Some(password) = apart.password {
        command.env("PGPASSWORD", password.expose());
    }
    let output = command.output().map_err(|e| {
        StoreError::Refused(format!(
            "cannot run pg_dump ({e}): install PostgreSQL's client programs"
        ))
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(StoreError::Refused(format!("pg_dump: {}", said.trim())))
}
