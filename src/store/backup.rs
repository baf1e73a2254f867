//! Whole-database acts: an online copy, and a check that the file is sound.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Command;

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};

use super::connection::AnyConnection;
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
        let failed =
            |e: &dyn std::fmt::Display| StoreError::Target(format!("{}: {e}", target.display()));
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

/// Runs `pg_dump`; the URL goes by the environment, because arguments are visible to everybody.
fn dump(url: &str, target: &Path) -> Result<(), StoreError> {
    let parsed = url::Url::parse(url).map_err(|e| StoreError::Broken(e.to_string()))?;
    let mut bare = parsed.clone();
    let password = parsed.password().map(percent_decoded).unwrap_or_default();
    let _ = bare.set_password(None);
    let mut command = Command::new("pg_dump");
    command
        .arg("--format=custom")
        .arg("--file")
        .arg(target)
        .arg("--dbname")
        .arg(bare.as_str());
    if !password.is_empty() {
        command.env("PGPASSWORD", password);
    }
    let output = command.output().map_err(|e| {
        StoreError::Unavailable(format!(
            "cannot run pg_dump ({e}): install PostgreSQL's client programs"
        ))
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(StoreError::Unavailable(format!("pg_dump: {}", said.trim())))
}

fn percent_decoded(text: &str) -> String {
    let form = text.replace('+', "%2B");
    url::form_urlencoded::parse(format!("p={form}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
