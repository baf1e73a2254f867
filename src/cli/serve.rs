//! `serve`: from settings to a running server, and the first start.

use std::io::{self, IsTerminal};
use std::sync::Arc;

use clap::ArgMatches;
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::CliError;
use super::checks::{self, Checked};
use super::log_lines::{PlainFields, PlainLine};
use super::output::line;
use crate::ambient::{Clock, SystemClock, request_id};
use crate::app::App;
use crate::config::{CommonArgs, LogFormat, ServeArgs};
use crate::domain::first_start::{first_sign_in_paths, first_start, keep_first_sign_in};
use crate::domain::unseal::unseal;
use crate::domain::{Act, Authority};
use crate::model::audit::Actor;
use crate::server;
use crate::signing::install_provider;
use crate::store::Database;

pub fn run(common: &CommonArgs, matches: &ArgMatches, args: &ServeArgs) -> Result<(), CliError> {
    let Checked { database_url, tls } = checks::run(common, matches, args)?;
    start_logging(args)?;
    install_provider();
    // The port can be any free one, and the public URL may name it; nobody is let in yet.
    let bound = server::bind(args.listen)?;
    let public_url = common.public_url(bound.address, tls.is_some())?;

    let clock = Arc::new(SystemClock);
    let database = Arc::new(Database::open(&database_url, args.database_connections)?);
    database.migrate()?;
    let on_terminal = io::stdout().is_terminal();
    let act = Act {
        authority: Authority::unlimited(Actor::Server),
        now: clock.now(),
        request_id: None,
    };
    let places = first_sign_in_paths(&common.keys_dir, &database_url);
    let mut kept_in = None;
    let first = first_start(
        &database,
        &common.keys_dir,
        args.key_bits(),
        &act,
        |first| {
            if on_terminal {
                return Ok(());
            }
            kept_in = Some(keep_first_sign_in(
                &places,
                &first.to_text(public_url.issuer()),
            )?);
            Ok(())
        },
    )?;
    let unsealed = unseal(&database, &common.keys_dir)?;
    let settings = args.settings();
    let keys_dir = &common.keys_dir;
    let app = App::new(settings, public_url, database, unsealed, keys_dir, clock)?;
    let app = Arc::new(app);
    if let Some(first) = first {
        if on_terminal {
            line(&first.to_text(app.public_url.issuer()))?;
        } else {
            let file = kept_in.map(|path| path.display().to_string());
            tracing::warn!(
                file,
                "first start: the sign-in and the first key are in this file"
            );
        }
    }
    tracing::info!(
        address = %bound.address,
        public_url = app.public_url.issuer(),
        "listening"
    );
    Ok(server::run(&app, bound, tls)?)
}

/// Whether a line may be written, whatever --log-level asks for. Below `info` a library shows the
/// bytes that it reads, and a header or a body holds secrets; so only our own lines go deeper.
fn is_harmless(line: &Metadata<'_>) -> bool {
    let ours = env!("CARGO_CRATE_NAME");
    line.target().split("::").next() == Some(ours) || *line.level() <= Level::INFO
}

/// What `--log-level` lets through.
pub fn log_filter(text: &str) -> Result<EnvFilter, CliError> {
    EnvFilter::try_new(text).map_err(|e| CliError::Other(format!("--log-level: {e}")))
}

/// Writes log lines to standard error. A panic is one line without its message, which could hold
/// what the request held.
fn start_logging(args: &ServeArgs) -> Result<(), CliError> {
    let filter = log_filter(&args.log_level)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    let secretive = filter_fn(is_harmless);
    match args.log_format {
        LogFormat::Text if io::stderr().is_terminal() => lines.finish().with(secretive).init(),
        LogFormat::Text => {
            let lines = lines.with_ansi(false).event_format(PlainLine);
            let lines = lines.fmt_fields(PlainFields);
            lines.finish().with(secretive).init();
        }
        LogFormat::Json => {
            let lines = lines.json().flatten_event(true);
            lines.finish().with(secretive).init();
        }
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let fixed = panic.payload().downcast_ref::<&'static str>();
        let cause = fixed.copied();
        tracing::error!(request_id = request_id(), place, cause, "panic");
    }));
    Ok(())
}
