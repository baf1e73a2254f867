//! The command line: one file for each group of commands. Every act goes through `domain/`, like
//! everybody's, and stands in the audit log as `cli:` and the name of the real user id.

mod checks;
mod client;
mod client_args;
mod config;
mod database;
mod desk;
mod error;
mod exposure;
mod host;
mod input;
mod key;
mod output;
mod proxy;
mod serve;
mod token;
mod user;

use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::{CommonArgs, ServeArgs, with_environment};
use crate::log;
use desk::Desk;
use error::CliError;
use output::Output;

/// OAuth 2.0 token service for control panels and the services behind them
#[derive(Parser)]
#[command(name = "mintmark", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    common: CommonArgs,
    /// How results are written
    #[arg(long, global = true, value_enum, default_value_t = Output::Text)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve; sets an empty database up first
    Serve(Box<ServeArgs>),
    /// Users: the people who sign in
    #[command(subcommand)]
    User(user::UserCommand),
    /// Clients: access keys and service clients
    #[command(subcommand)]
    Client(client::ClientCommand),
    /// Signing keys
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Ask a server for a token
    Token(token::TokenArgs),
    /// The database: schema, check, back-up
    #[command(subcommand)]
    Database(database::DatabaseCommand),
    /// The settings
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Show every setting of the server, its value, and where that came from
    Show(Box<ServeArgs>),
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let command = with_environment(Cli::command());
    let matches = command.clone().get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(e) => e.exit(),
    };
    let code = match execute(cli, &command, &matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            for line in error.to_string().lines() {
                output::say(&format!("mintmark: {line}"));
            }
            ExitCode::FAILURE
        }
    };
    log::close();
    code
}

fn execute(cli: Cli, command: &clap::Command, matches: &ArgMatches) -> Result<(), CliError> {
    let output = cli.output;
    let database = || cli.common.database(matches);
    let desk = || Desk::open(&database()?, &cli.common.keys_dir);
    match cli.command {
        Command::Serve(args) => serve::run(&cli.common, matches, &args),
        Command::User(command) => user::run(command, &desk()?, output),
        Command::Client(command) => client::run(command, &desk()?, output),
        Command::Key(command) => key::run(&command, &desk()?, output),
        Command::Token(args) => token::run(&args),
        Command::Database(command) => {
            database::run(&command, &database()?, &cli.common.keys_dir, output)
        }
        Command::Config(ConfigCommand::Show(args)) => {
            config::show(command, matches, output)?;
            if let Some(warning) = checks::warning(&args) {
                output::say(&format!("mintmark: warning: {warning}"));
            }
            checks::run(&cli.common, matches, &args).map(drop)
        }
    }
}
