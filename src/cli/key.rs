//! `key`: the signing keys.

use clap::Subcommand;
use serde::Serialize;

use super::{CliError, Desk, Output};
use crate::domain::DomainError;
use crate::model::signing_key::StoredSigningKey;
use crate::model::timestamp::Timestamp;
use crate::store::signing_keys;

#[derive(Subcommand)]
pub enum KeyCommand {
    /// List the signing keys
    List,
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

pub fn run(command: &KeyCommand, desk: &Desk, output: Output) -> Result<(), CliError> {
    match command {
        KeyCommand::List => {
            let keys = desk.read(|c| Ok::<_, DomainError>(signing_keys::list(c)?))?;
            let shown: Vec<Shown> = keys.into_iter().map(Shown::from).collect();
            output.list(&shown)
        }
    }
}
