//! What `serve` checks before it opens the database: everything at once, for itself and for
//! `config show`.

use clap::ArgMatches;

use super::CliError;
use crate::config::{CommonArgs, ServeArgs};
use crate::log;
use crate::server::{self, Tls};
use crate::store::DatabaseUrl;

/// What the settings amount to.
pub struct Checked {
    pub database_url: DatabaseUrl,
    pub tls: Option<Tls>,
    pub log_filter: log::Filter,
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
    let log_filter = log::filter(&args.log_level)
        .map_err(|e| note(e.into()))
        .ok();
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
    match database_url.zip(log_filter) {
        Some((database_url, log_filter)) if wrong.is_empty() => Ok(Checked {
            database_url,
            tls,
            log_filter,
        }),
        _ => Err(CliError::Settings(wrong)),
    }
}

/// What the server starts with all the same, and better would not.
pub fn warning(args: &ServeArgs) -> Option<String> {
    let (most, all) = (args.max_connections_per_peer?, args.max_connections);
    let half = u64::try_from(all / 2).unwrap_or(u64::MAX);
    (most > half.max(1)).then(|| {
        format!(
            "--max-connections-per-peer {most} is more than half of --max-connections {all}: one \
             address can have most of the connections, until others want them"
        )
    })
}
