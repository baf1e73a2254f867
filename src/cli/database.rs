//! `database`: its schema, whether it is sound, and copies of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;
use serde::Serialize;

use super::output::say;
use super::{CliError, Desk, Output};
use crate::ambient::{Clock, SystemClock};
use crate::config::os_user;
use crate::directory::Keyring;
use crate::domain::folding::{RENAMED, fold_again};
use crate::domain::installation::{missing, shown};
use crate::domain::unseal::unseal;
use crate::domain::{Act, Authority};
use crate::model::audit::Actor;
use crate::store::{Database, DatabaseUrl};

#[derive(Subcommand)]
pub enum DatabaseCommand {
    /// Bring the schema up to this version
    Migrate {
        /// Make the database if there is none
        #[arg(long)]
        init: bool,
    },
    /// Check the file, the schema, and that the master key opens what is wrapped
    Check,
    /// Copy the whole database into a new file, while it is in use
    Backup {
        /// The file to make; it must not exist
        file: PathBuf,
    },
}

#[derive(Serialize)]
struct Migrated {
    migrations_run: usize,
}

#[derive(Serialize)]
struct Checked {
    schema: &'static str,
    integrity: &'static str,
    master_key: &'static str,
    signing_keys: usize,
}

#[derive(Serialize)]
struct BackedUp {
    file: String,
    bytes: u64,
}

pub fn run(
    command: &DatabaseCommand,
    url: &DatabaseUrl,
    keys_dir: &Path,
    output: Output,
) -> Result<(), CliError> {
    match command {
        DatabaseCommand::Migrate { init } => {
            if let Some(found) = missing(url).filter(|_| !init) {
                return Err(CliError::Other(format!(
                    "{} {found}: point --database-url to the one that you mean, start \
                     `mintmark serve` once, or give --init to make its tables here",
                    shown(url)
                )));
            }
            let database = Database::open(url, 1)?;
            let migrations_run = database.migrate()?;
            let act = Act {
                authority: Authority::unlimited(Actor::CommandLine(os_user())),
                now: SystemClock.now(),
                request_id: None,
            };
            for renamed in fold_again(&database, &act)? {
                say(&format!("{RENAMED}: {} is {}", renamed.from, renamed.to));
            }
            output.one(&Migrated { migrations_run })
        }
        DatabaseCommand::Check => check(url, keys_dir, output),
        DatabaseCommand::Backup { file } => {
            Desk::open(url, keys_dir)?.database.backup(file)?;
            let made = std::fs::metadata(file);
            let failed = |e| CliError::File(file.display().to_string(), e);
            output.one(&BackedUp {
                file: file.display().to_string(),
                bytes: made.map_err(failed)?.len(),
            })
        }
    }
}

fn check(url: &DatabaseUrl, keys_dir: &Path, output: Output) -> Result<(), CliError> {
    let database = Arc::new(Desk::open(url, keys_dir)?.database);
    let findings = database.check_integrity()?;
    if !findings.is_empty() {
        return Err(CliError::Other(format!(
            "the database is damaged: {}: restore it from a back-up",
            findings.join("; ")
        )));
    }
    let unsealed = unseal(&database, keys_dir)?;
    let keyring = database.read(|c| Keyring::load(c, &unsealed.master_key))?;
    output.one(&Checked {
        schema: "current",
        integrity: "ok",
        master_key: "ok",
        signing_keys: keyring.jwks().len(),
    })
}
