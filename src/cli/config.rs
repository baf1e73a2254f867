//! `config show`: every setting of the server, its value with secrets hidden, and where it came
//! from.

use clap::{ArgMatches, Command};
use serde::Serialize;

use super::{CliError, Output};
use crate::config::shown_settings;

#[derive(Serialize)]
struct Shown {
    setting: String,
    value: String,
    source: String,
}

pub fn show(command: &Command, matches: &ArgMatches, output: Output) -> Result<(), CliError> {
    let show = |command: &Command, matches: &ArgMatches| {
        let settings = shown_settings(command, matches);
        settings.into_iter().map(|[setting, value, source]| Shown {
            setting,
            value,
            source,
        })
    };
    let mut shown: Vec<Shown> = show(command, matches).collect();
    // The server's own options stand with the innermost command, `show`.
    let inner = command
        .find_subcommand("config")
        .and_then(|config| config.find_subcommand("show"));
    let inner_matches = matches
        .subcommand_matches("config")
        .and_then(|config| config.subcommand_matches("show"));
    if let (Some(command), Some(matches)) = (inner, inner_matches) {
        shown.extend(show(command, matches));
    }
    output.list(&shown)
}
