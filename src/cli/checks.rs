//! What `serve` checks before it opens the database: everything at once, for itself and for
//! `config show`.

use clap::ArgMatches;

use super::{CliError, serve};
use crate::config::{CommonArgs, ServeArgs};
use crate::server::{self, Tls};
use crate::store::DatabaseUrl;

/// What the settings amount to.
pub struct Checked {
    pub database_url: DatabaseUrl,
    pub tls: Option<Tls>,
}

/// Reads and checks every setting that needs more than its own value, or answers all that is wrong
/// with them.
pub fn run(
    common: &CommonArgs,
    matches: &ArgMatches,
    args: &ServeArgs,
) -> Result<Checked, CliError> {
    let mut wrong: Vec<CliError> = Vec::new();
    let mut note = |error: CliError| wrong.push(error);
    let database_url = common.database(matches).map_err(|e| note(e.into())).ok();
    if let Err(e) = args.check() {
        note(e.into());
    }
    if let Err(e) = serve::log_filter(&args.log_level) {
        note(e);
    }
    let tls = match args
        .tls()
        .map(|(certificate, key)| Tls::load(certificate, key))
    {
        None => None,
        Some(Ok(tls)) => Some(tls),
        Some(Err(e)) => {
            note(e.into());
            None
        }
    };
    if let Err(e) = common.public_url(args.listen, args.tls().is_some()) {
        note(e.into());
    }
    if let Err(e) = server::check_address(args.listen) {
        note(e.into());
    }
    match database_url {
        Some(database_url) if wrong.is_empty() => Ok(Checked { database_url, tls }),
        _ => Err(CliError::Settings(wrong)),
    }
}
