//! `key`: the signing keys.

use clap::Subcommand;
use serde::Serialize;

use super::output::line;
use super::{CliError, Desk, Output};
use crate::domain::DomainError;
use crate::model::signing_key::StoredSigningKey;
use crate::model::timestamp::Timestamp;
use crate::store::signing_keys;

#[derive(Subcommand)]
pub enum KeyCommand {
    /// List the signing keys
    List {
        /// Show the public half of each as PEM, for verifiers that read no key set; it needs
        /// the master key
        #[arg(long)]
        pem: bool,
    },
}

#[derive(Serialize)]
struct Shown {
    kid: String,
    state: &'static str,
    bits: i64,
    published_at: Timestamp,
    activated_at: Option<Timestamp>,
}

impl From<StoredSigningKey> for Shown {
    fn from(key: StoredSigningKey) -> Self {
        Self {
            kid: key.kid,
            state: key.state.as_str(),
            bits: key.bits,
            published_at: key.published_at,
            activated_at: key.activated_at,
        }
    }
}

/// A key as a file that a verifier reads.
#[derive(Serialize)]
struct Pem {
    kid: String,
    state: &'static str,
    pem: String,
}

/// The active key and the next, each with its `kid`. In text the file can be used as it is: what stands
/// before a key is explanatory text (RFC 7468 section 5.2).
fn list_pem(desk: &Desk, output: Output) -> Result<(), CliError> {
    let keyring = desk.keyring()?;
    let stored = desk.read(|c| Ok::<_, DomainError>(signing_keys::list(c)?))?;
    let keys: Result<Vec<Pem>, CliError> = stored
        .into_iter()
        .filter_map(|key| Some((keyring.find(&key.kid)?.public().to_pem(), key)))
        .map(|(pem, key)| {
            Ok(Pem {
                kid: key.kid,
                state: key.state.as_str(),
                pem: pem.map_err(|e| CliError::Other(e.to_string()))?,
            })
        })
        .collect();
    let keys = keys?;
    if output == Output::Json {
        return output.list(&keys);
    }
    for Pem { kid, state, pem } in keys {
        line(&format!("kid: {kid}\nstate: {state}\n{}", pem.trim_end()))?;
    }
    Ok(())
}

pub fn run(command: &KeyCommand, desk: &Desk, output: Output) -> Result<(), CliError> {
    match command {
        KeyCommand::List { pem: true } => list_pem(desk, output),
        KeyCommand::List { pem: false } => {
            let keys = desk.read(|c| Ok::<_, DomainError>(signing_keys::list(c)?))?;
            let shown: Vec<Shown> = keys.into_iter().map(Shown::from).collect();
            output.list(&shown)
        }
    }
}
