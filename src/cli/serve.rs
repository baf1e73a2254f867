//! `serve`: from settings to a running server, and the first start.

use std::io::{self, IsTerminal};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use clap::ArgMatches;

use super::CliError;
use super::checks::{self, Checked};
use super::database::refuse_damage;
use super::exposure::exposed;
use super::output::line;
use crate::ambient::{Clock, SystemClock};
use crate::app::App;
use crate::config::{CheckDatabase, CommonArgs, LogFormat, ServeArgs};
use crate::domain::first_start::{first_sign_in_paths, first_start, keep_first_sign_in};
use crate::domain::folding::{RENAMED, fold_again};
use crate::domain::unseal::unseal;
use crate::domain::{Act, Authority};
use crate::log::{self, Form};
use crate::model::audit::Actor;
use crate::model::secret::Secret;
use crate::server;
use crate::signing::install_provider;
use crate::store::Database;

/// How long the database is looked at before the server listens; the rest is done beside requests.
const AT_START: Duration = Duration::from_millis(25);

/// How long a terminal may take to show the first sign-in.
const SHOWN: Duration = Duration::from_secs(2);

pub fn run(common: &CommonArgs, matches: &ArgMatches, args: &ServeArgs) -> Result<(), CliError> {
    let no_log = |e| CliError::File("standard error".to_owned(), e);
    log::start(form(args.log_format)).map_err(no_log)?;
    let Checked {
        database_url,
        tls,
        log_filter,
    } = checks::run(common, matches, args)?;
    log::open(log_filter);
    server::outlive_file_limits()?;
    install_provider();
    // The port can be any free one, and the public URL may name it; nobody is let in yet.
    let bound = server::bind(args.listen)?;
    let public_url = common.public_url(bound.address, tls.is_some())?;

    let clock = Arc::new(SystemClock);
    let place = common.place(&database_url, args.init);
    let database = Arc::new(place.open(args.database_connections)?);
    database.migrate()?;
    if let Some(problem) = database.encoding_problem()? {
        tracing::warn!(problem, "the database can refuse what is written into it");
    }
    check_file(&database, args.check_database)?;
    if let Some(warning) = checks::warning(args) {
        tracing::warn!("{warning}");
    }
    for what in exposed(&database_url, &common.keys_dir) {
        tracing::warn!(what, "others can get at what is kept here");
    }
    let on_terminal = io::stdout().is_terminal();
    let act = Act {
        authority: Authority::unlimited(Actor::Server),
        now: clock.now(),
        request_id: None,
    };
    let places = first_sign_in_paths(&common.keys_dir, &database_url);
    let mut kept_in = None;
    let first = first_start(&database, &place, args.key_bits(), &act, |first| {
        if on_terminal {
            return Ok(());
        }
        kept_in = Some(keep_first_sign_in(
            &places,
            &first.to_text(public_url.issuer()),
        )?);
        Ok(())
    })?;
    let unsealed = unseal(&database, &common.keys_dir)?;
    for renamed in fold_again(&database, &act)? {
        let (user, from, to) = (renamed.id.to_string(), renamed.from, renamed.to);
        tracing::warn!(user, from, to, "{RENAMED}");
    }
    let settings = args.settings();
    let keys_dir = &common.keys_dir;
    let app = App::new(settings, public_url, database, unsealed, keys_dir, clock)?;
    let app = Arc::new(app);
    log::show_on(&app.alarms);
    if let Some(first) = first {
        let text = Secret::new(first.to_text(app.public_url.issuer()));
        if on_terminal && !show(text.clone()) {
            let kept = keep_first_sign_in(&places, text.expose());
            kept_in = Some(kept?);
        }
        if let Some(path) = kept_in {
            let file = path.display().to_string();
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

/// Refuses a damaged SQLite file, as far as it is looked at before anybody is let in.
fn check_file(database: &Database, check: CheckDatabase) -> Result<(), CliError> {
    let findings = match check {
        CheckDatabase::Quick => database.check_quickly(AT_START)?.findings,
        CheckDatabase::Full => database.check_integrity()?,
    };
    refuse_damage(&findings)
}

/// Shows something on the terminal; answers whether it stands there. Nobody is waited for who stopped
/// the terminal, and may never let it go on.
fn show(text: Secret) -> bool {
    let (says, hears) = mpsc::channel();
    let shows = move || {
        let shown = line(text.expose());
        // Nobody may hear it any more.
        let _ = says.send(shown.is_ok());
    };
    let thread = thread::Builder::new().name("first-sign-in".to_owned());
    thread.spawn(shows).is_ok() && hears.recv_timeout(SHOWN).unwrap_or(false)
}

/// How a line of the log looks.
fn form(format: LogFormat) -> Form {
    match format {
        LogFormat::Text if io::stderr().is_terminal() => Form::Terminal,
        LogFormat::Text => Form::Text,
        LogFormat::Json => Form::Json,
    }
}
