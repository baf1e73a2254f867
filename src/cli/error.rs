//! Why a command failed, in words for whoever typed it.

use std::io;

use crate::config::ConfigError;
use crate::directory::KeyringError;
use crate::domain::DomainError;
use crate::domain::first_start::FirstStartError;
use crate::domain::installation::NotInstalled;
use crate::domain::unseal::UnsealError;
use crate::log::FilterError;
use crate::model::timestamp::Timestamp;
use crate::server::ListenError;
use crate::store::StoreError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Domain(#[from] DomainError),
    #[error(transparent)]
    Unseal(#[from] UnsealError),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    #[error(transparent)]
    NotInstalled(#[from] NotInstalled),
    #[error(transparent)]
    FirstStart(#[from] FirstStartError),
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error("--log-level: {0}")]
    LogLevel(#[from] FilterError),
    #[error("{0}: {1}")]
    File(String, io::Error),
    #[error(
        "the clock shows {shown}, far ahead of the highest time that a server was sure of, {highest}: \
         {what}. Set the clock right; or, if it is right, run `mintmark database trust-clock` before"
    )]
    ClockAhead {
        shown: Timestamp,
        highest: Timestamp,
        what: &'static str,
    },
    /// All that is wrong with the settings, a line each.
    #[error("{}", lines(.0))]
    Settings(Vec<CliError>),
    #[error("{0}")]
    Other(String),
}

fn lines(errors: &[CliError]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
