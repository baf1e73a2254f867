//! `database`: its schema, whether it is sound, and copies of it.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;
use serde::Serialize;

use super::exposure::exposed;
use super::output::say;
use super::{CliError, Desk, Output, host};
use crate::ambient::{Clock, SystemClock};
use crate::directory::Keyring;
use crate::domain::audit;
use crate::domain::folding::{RENAMED, fold_again};
use crate::domain::installation::{missing, shown};
use crate::domain::timekeeper;
use crate::domain::unseal::{UnsealError, unseal};
use crate::domain::{Act, Authority, epoch};
use crate::model::audit::Actor;
use crate::signing::KeyFileError;
use crate::store::restore::Staged;
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
        /// The file to make; it must not exist. - is standard output
        file: PathBuf,
    },
    /// Put a backup into the place of the SQLite database, while no server has it open
    Restore {
        /// The file that `database backup` made. - is standard input
        file: PathBuf,
    },
    /// Begin another history, after a database was restored by other means: every process reads
    /// everything afresh, and everybody signs in again
    NewEpoch,
    /// Take what this machine's clock shows for the highest time that was seen, after a clock was wrong
    /// for long; with every server stopped
    TrustClock,
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
struct Restored {
    master_key: &'static str,
    migrations_run: usize,
    /// Where the old database is now.
    replaced: Option<String>,
    sessions_ended: usize,
}

#[derive(Serialize)]
struct EpochBegun {
    sessions_ended: usize,
}

#[derive(Serialize)]
struct Trusted {
    highest_at: String,
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
            let migrations_run = bring_up_to_date(&database)?;
            output.one(&Migrated { migrations_run })
        }
        DatabaseCommand::Check => check(url, keys_dir, output),
        DatabaseCommand::Restore { file } => restore(file, url, keys_dir, output),
        DatabaseCommand::NewEpoch => new_epoch(url, keys_dir, output),
        DatabaseCommand::TrustClock => {
            let desk = Desk::open(url, keys_dir)?;
            let shown = SystemClock.now();
            desk.write(|c, act| timekeeper::trust(c, act, shown))?;
            output.one(&Trusted {
                highest_at: shown.to_string(),
            })
        }
        DatabaseCommand::Backup { file } => {
            let desk = Desk::open(url, keys_dir)?;
            let bytes = match file.to_str() {
                Some("-") => {
                    backup_to_output(&desk)?;
                    return tell_backup(&desk, "-");
                }
                _ => desk.database.backup(file)?,
            };
            tell_backup(&desk, &file.display().to_string())?;
            output.one(&BackedUp {
                file: file.display().to_string(),
                bytes,
            })
        }
    }
}

fn backup_to_output(desk: &Desk) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    if out.is_terminal() {
        return Err(CliError::Other(
            "a backup is no text for a terminal: send standard output into a file".to_owned(),
        ));
    }
    let bytes = desk.database.backup_to(&mut out)?;
    say(&format!("{bytes} bytes written to standard output"));
    Ok(())
}

fn restore(
    file: &Path,
    url: &DatabaseUrl,
    keys_dir: &Path,
    output: Output,
) -> Result<(), CliError> {
    let staged = Staged::copy(file, url)?;
    let database = staged.open()?;
    refuse_damage(&database.check_integrity()?)?;
    let is_ours = |table: &String| table == "__diesel_schema_migrations";
    if !database.tables()?.iter().any(is_ours) {
        let what = file.display();
        let why = format!("{what} is no backup of a Mintmark database");
        return Err(CliError::Other(why));
    }
    let migrations_run = bring_up_to_date(&database)?;
    let master_key = match unseal(&database, keys_dir) {
        Ok(_) => "ok",
        Err(UnsealError::KeyFile(KeyFileError::Missing { .. })) => "missing",
        Err(e) => return Err(e.into()),
    };
    let sessions_ended = database.write(|c| epoch::begin(c, &act()))?;
    let replaced = staged.put(database)?;
    say(
        "What was disabled, rotated or deleted after the backup was made is not so any more: do it \
         again before you start the server",
    );
    output.one(&Restored {
        master_key,
        migrations_run,
        replaced: replaced.map(|path| path.display().to_string()),
        sessions_ended,
    })
}

fn new_epoch(url: &DatabaseUrl, keys_dir: &Path, output: Output) -> Result<(), CliError> {
    let desk = Desk::open(url, keys_dir)?;
    let sessions_ended = desk.write(|c, act| Ok(epoch::begin(c, act)?))?;
    output.one(&EpochBegun { sessions_ended })
}

fn act() -> Act {
    Act {
        authority: Authority::unlimited(Actor::CommandLine(host::user())),
        now: SystemClock.now(),
        request_id: None,
    }
}

/// Runs the migrations that are missing, and what belongs to them. Answers how many were run.
fn bring_up_to_date(database: &Database) -> Result<usize, CliError> {
    let migrations_run = database.migrate()?;
    for renamed in fold_again(database, &act())? {
        say(&format!("{RENAMED}: {} is {}", renamed.from, renamed.to));
    }
    Ok(migrations_run)
}

/// Fails for what a check found.
pub fn refuse_damage(findings: &[String]) -> Result<(), CliError> {
    if findings.is_empty() {
        return Ok(());
    }
    Err(CliError::Other(format!(
        "the database is damaged: {}: restore it from a back-up",
        findings.join("; ").replace('\n', "; ")
    )))
}

/// Leaves an event of a backup. A database that nothing can be written to is copied all the same.
fn tell_backup(desk: &Desk, file: &str) -> Result<(), CliError> {
    if let Err(e) = desk.write(|c, act| audit::backed_up(c, act, file)) {
        say(&format!(
            "mintmark: the audit log does not tell of this backup: {e}"
        ));
    }
    Ok(())
}

fn check(url: &DatabaseUrl, keys_dir: &Path, output: Output) -> Result<(), CliError> {
    let database = Arc::new(Desk::open(url, keys_dir)?.database);
    refuse_damage(&database.check_integrity()?)?;
    if let Some(problem) = database.encoding_problem()? {
        return Err(CliError::Other(problem));
    }
    let unsealed = unseal(&database, keys_dir)?;
    let keyring = database.read(|c| Keyring::load(c, &unsealed.master_key))?;
    let exposed = exposed(url, keys_dir);
    if !exposed.is_empty() {
        return Err(CliError::Other(exposed.join("\n")));
    }
    output.one(&Checked {
        schema: "current",
        integrity: "ok",
        master_key: "ok",
        signing_keys: keyring.jwks().len(),
    })
}
