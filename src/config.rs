//! Settings: the only reader of the environment. Every setting is an option of the command line
//! and a variable `MINTMARK_...`; the option wins. What a command acts on is no setting.

mod values;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, ValueEnum};
use ipnet::IpNet;

use crate::domain::guard::GuardLimits;
use crate::domain::installation::{Init, Place};
use crate::domain::write_budget::WriteLimits;
use crate::model::network::{Networks, parse_network};
use crate::model::public_url::PublicUrl;
use crate::store::DatabaseUrl;
use crate::store::database_url::{DatabaseUrlError, take_apart};

use values::{days, duration, folder, init};

/// How large the modulus of a new signing key may be, in bits.
const KEY_BITS: [&str; 3] = ["2048", "3072", "4096"];

/// The folder in which the SQLite file lies by default.
const DEFAULT_FOLDER: &str = "data";

/// What every command reads.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Where")]
pub struct CommonArgs {
    /// sqlite:PATH, or postgres://USER@HOST/NAME. A URL with a password belongs in
    /// MINTMARK_DATABASE_URL or --database-url-file
    #[arg(
        long,
        global = true,
        value_name = "URL",
        default_value = "sqlite:data/mintmark.db",
        hide_env_values = true
    )]
    pub database_url: String,
    /// A file that holds the database URL
    #[arg(long, global = true, value_name = "FILE")]
    pub database_url_file: Option<PathBuf>,
    /// Where master.key lies
    #[arg(long, global = true, value_name = "DIR", default_value = "keys", value_parser = folder)]
    pub keys_dir: PathBuf,
    /// How the world reaches this server: https://HOST or https://HOST:PORT. Default: the address
    /// it listens on, if that is loopback
    #[arg(long, global = true, value_name = "URL")]
    pub public_url: Option<String>,
}

/// What the server reads besides.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// The address and port to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9090")]
    pub listen: SocketAddr,
    /// Make a new installation although the SQLite file is not in the default folder; or, with
    /// =with-key, although there is a master key, which was made beforehand. Where an installation
    /// is, it changes nothing
    #[arg(
        long,
        value_name = "new|with-key|no",
        num_args = 0..=1,
        require_equals = true,
        default_value = "no",
        default_missing_value = "new",
        value_parser = init
    )]
    pub init: Init,
    /// How the SQLite file is checked: quick, its header and schema before the server listens and
    /// the rest beside requests, or full, all of it before the server listens
    #[arg(long, value_enum, default_value_t = CheckDatabase::Quick)]
    pub check_database: CheckDatabase,
    /// A PEM file with the server's certificate and its chain
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// A PEM file with the certificate's private key
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// A network whose X-Forwarded-For is believed; may be repeated
    #[arg(long, value_name = "CIDR", value_delimiter = ',', value_parser = parse_network)]
    pub trusted_proxy: Vec<IpNet>,
    /// How log lines are written, to standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// What is logged: off, error, warn, info, debug, trace, or a filter such as
    /// warn,mintmark::jobs=debug. What libraries say below info is never logged: it can hold secrets
    #[arg(long, value_name = "FILTER", default_value = "info")]
    pub log_level: String,
    /// How many threads answer requests; 0 for one on each processor
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub workers: usize,
    /// How many connections are open at once at most
    #[arg(long, value_name = "COUNT", default_value_t = 10_000)]
    pub max_connections: usize,
    /// How many of them one address (IPv6: one /64) has at most, half of them unless given; it does not
    /// bound what comes by trusted proxies. Whoever comes when all are taken gets one of the peer that
    /// has most
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_connections_per_peer: Option<u64>,
    /// How many MiB of requests' bodies arrive at once at most. They are shared out among addresses and
    /// accounts, so that nobody takes all of them
    #[arg(long, value_name = "MIB", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub bodies_in_flight: u32,
    /// How many connections to the database requests share; the change log has one of its own
    #[arg(long, value_name = "COUNT", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub database_connections: u32,
    /// How many clients, users and applications are kept in memory, of each
    #[arg(long, value_name = "COUNT", default_value_t = 100_000)]
    pub directory_capacity: u64,
    /// How many failures a minute of one client, or one login, from one peer are not slowed
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    pub guard_per_client: u32,
    /// How many failures a minute from one peer are not slowed
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    pub guard_per_peer: u32,
    /// How many changes a minute a member and their keys may make, ten minutes' worth at once
    #[arg(long, value_name = "COUNT", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    pub writes_per_member: u32,
    /// The same for an administrator with their keys, and for each service client
    #[arg(long, value_name = "COUNT", default_value_t = 12_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub writes_per_caller: u32,
    /// How many sign-ins and other passwords wait to be hashed, or are hashed, at once. They are shared
    /// out among addresses and accounts, so that nobody takes all of them
    #[arg(long, value_name = "COUNT", default_value_t = 128, value_parser = clap::value_parser!(u64).range(1..))]
    pub sign_in_places: u64,
    /// How many right passwords a second of one account from one peer are not slowed
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub sign_ins_per_second: u32,
    /// How long known clients are served while the database is away
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration)]
    pub outage_grace: Duration,
    /// How long audit events are kept, a day at least
    #[arg(long, value_name = "TIME", default_value = "365d", value_parser = days)]
    pub audit_kept: Duration,
    /// Take only access tokens at the console API, no id_tokens
    #[arg(long)]
    pub refuse_id_tokens: bool,
    /// The size of new RSA signing keys, in bits
    #[arg(long, value_name = "BITS", default_value = "2048", value_parser = KEY_BITS)]
    pub signing_key_bits: String,
}

/// How much of an SQLite file is checked before the server listens.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum CheckDatabase {
    Quick,
    Full,
}

/// How log lines are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// What the running server decides by.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    pub trusted_proxies: Networks,
    pub directory_capacity: u64,
    pub guard: GuardLimits,
    pub writes: WriteLimits,
    pub sign_in_places: usize,
    pub sign_ins_per_second: u32,
    pub outage_grace: Duration,
    pub audit_kept: Duration,
    pub accept_id_tokens: bool,
    /// Whether the server itself speaks TLS.
    pub tls: bool,
    pub workers: usize,
    pub max_connections: usize,
    /// Half of the connections, unless given.
    pub max_connections_per_peer: Option<usize>,
    /// In bytes.
    pub bodies_in_flight: usize,
}

/// Why the settings cannot be used; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the database URL from {0}: {1}")]
    DatabaseUrlFile(PathBuf, std::io::Error),
    #[error(transparent)]
    DatabaseUrl(#[from] DatabaseUrlError),
    #[error(
        "a password in --database-url shows in every list of processes: put the URL into \
         MINTMARK_DATABASE_URL, or into a file for --database-url-file"
    )]
    PasswordInArgument,
    #[error("give --database-url or --database-url-file, not both")]
    TwoDatabaseUrls,
    #[error(
        "the database is on another host, and its URL does not say how the way there is protected: \
         add sslmode=verify-full (with sslrootcert=FILE, or sslrootcert=system), or sslmode=disable \
         where nobody can listen"
    )]
    UnprotectedDatabase,
    #[error("--public-url {0}")]
    PublicUrl(#[from] crate::model::public_url::PublicUrlError),
    #[error(
        "listening on {0}, which others can reach, needs --public-url: tokens and links name it"
    )]
    PublicUrlMissing(SocketAddr),
    #[error(
        "listening on {0} in plain HTTP would send secrets unprotected: give --tls-cert and \
         --tls-key, or name the proxy that speaks TLS for this server with --trusted-proxy"
    )]
    PlainHttp(SocketAddr),
}

impl CommonArgs {
    /// Where the database is. `matches` tell where the URL was given.
    pub fn database(&self, matches: &ArgMatches) -> Result<DatabaseUrl, ConfigError> {
        let url = self.read_database_url(matches)?;
        match url.is_unprotected() {
            true => Err(ConfigError::UnprotectedDatabase),
            false => Ok(url),
        }
    }

    fn read_database_url(&self, matches: &ArgMatches) -> Result<DatabaseUrl, ConfigError> {
        let source = matches.value_source("database_url");
        let from_argument = source == Some(ValueSource::CommandLine);
        let Some(file) = &self.database_url_file else {
            let url = DatabaseUrl::parse(self.database_url.trim())?;
            if from_argument && take_apart(&self.database_url).is_secret {
                return Err(ConfigError::PasswordInArgument);
            }
            return Ok(url);
        };
        if source.is_some_and(|source| source != ValueSource::DefaultValue) {
            return Err(ConfigError::TwoDatabaseUrls);
        }
        let text = std::fs::read_to_string(file)
            .map_err(|e| ConfigError::DatabaseUrlFile(file.clone(), e))?;
        Ok(DatabaseUrl::parse(text.trim())?)
    }

    /// Where the installation is, or is to be.
    pub fn place<'a>(&'a self, database: &'a DatabaseUrl, init: Init) -> Place<'a> {
        let absolute = |path: &Path| std::path::absolute(path).ok();
        let is_default = match database {
            DatabaseUrl::Sqlite(path) => path.parent().is_some_and(|folder| {
                absolute(folder).is_some_and(|f| Some(f) == absolute(Path::new(DEFAULT_FOLDER)))
            }),
            DatabaseUrl::Postgresql(_) => false,
        };
        Place {
            database,
            keys_dir: &self.keys_dir,
            is_default,
            init,
        }
    }

    /// The public URL of a server that listens on `bound`, in TLS or not.
    pub fn public_url(&self, bound: SocketAddr, tls: bool) -> Result<PublicUrl, ConfigError> {
        let url = match &self.public_url {
            Some(url) => url.clone(),
            None if bound.ip().is_loopback() => {
                format!("{}://{bound}", if tls { "https" } else { "http" })
            }
            None => return Err(ConfigError::PublicUrlMissing(bound)),
        };
        Ok(PublicUrl::parse(&url)?)
    }
}

impl ServeArgs {
    /// Refuses what would put secrets at risk.
    pub fn check(&self) -> Result<(), ConfigError> {
        let is_plain = self.tls_cert.is_none() && self.trusted_proxy.is_empty();
        if is_plain && !self.listen.ip().is_loopback() {
            return Err(ConfigError::PlainHttp(self.listen));
        }
        Ok(())
    }

    /// The certificate and its key, for TLS.
    pub fn tls(&self) -> Option<(&Path, &Path)> {
        self.tls_cert.as_deref().zip(self.tls_key.as_deref())
    }

    /// What the running server decides by.
    pub fn settings(&self) -> ServerSettings {
        ServerSettings {
            trusted_proxies: Networks::new(self.trusted_proxy.clone()),
            directory_capacity: self.directory_capacity,
            guard: GuardLimits {
                per_client: self.guard_per_client,
                per_peer: self.guard_per_peer,
            },
            writes: WriteLimits {
                per_member: self.writes_per_member,
                per_caller: self.writes_per_caller,
            },
            sign_in_places: usize::try_from(self.sign_in_places).unwrap_or(usize::MAX),
            sign_ins_per_second: self.sign_ins_per_second,
            outage_grace: self.outage_grace,
            audit_kept: self.audit_kept,
            accept_id_tokens: !self.refuse_id_tokens,
            tls: self.tls_cert.is_some(),
            workers: self.workers,
            max_connections: self.max_connections,
            max_connections_per_peer: self
                .max_connections_per_peer
                .map(|most| usize::try_from(most).unwrap_or(usize::MAX)),
            bodies_in_flight: usize::try_from(u64::from(self.bodies_in_flight) << 20)
                .unwrap_or(usize::MAX),
        }
    }

    /// The size of new signing keys, in bits.
    pub fn key_bits(&self) -> u32 {
        // The parser takes only the numbers of KEY_BITS.
        self.signing_key_bits.parse().unwrap_or(2048)
    }
}

/// Gives the settings their variables `MINTMARK_<OPTION>`: what every command reads, what the
/// server reads, and what `token` asks with. What any other command acts on, and what it changes,
/// comes from its command line alone: a variable that was set for something else changes nothing.
pub fn with_environment(command: Command) -> Command {
    with_variables(command)
        .mut_subcommand("serve", with_variables)
        .mut_subcommand("token", with_variables)
        .mut_subcommand("config", |config| {
            config.mut_subcommand("show", with_variables)
        })
}

/// Gives the options of `command` itself their variables. How a result is written is the caller's
/// affair, not a setting.
fn with_variables(command: Command) -> Command {
    command.mut_args(|arg| {
        let is_option = arg.get_long().is_some()
            && !matches!(arg.get_id().as_str(), "help" | "version" | "output");
        if !is_option {
            return arg;
        }
        let name = format!("MINTMARK_{}", arg.get_id().as_str().to_uppercase());
        if is_empty(&name) {
            return arg;
        }
        arg.env(clap::builder::Str::from(name))
    })
}

/// One setting, for `config show`: its name, its value, and where that came from.
pub fn shown_settings(command: &Command, matches: &ArgMatches) -> Vec<[String; 3]> {
    let mut settings = Vec::new();
    for arg in command.get_arguments() {
        let id = arg.get_id().as_str();
        if arg.get_long().is_none() || matches!(id, "help" | "version" | "output") {
            continue;
        }
        let raw: Vec<String> = matches
            .try_get_raw(id)
            .ok()
            .flatten()
            .map(|values| values.map(|v| v.to_string_lossy().into_owned()).collect())
            .unwrap_or_default();
        let value = match id {
            "database_url" => raw.iter().map(|url| take_apart(url).shown).collect(),
            "refuse_id_tokens" if raw.is_empty() => vec!["false".to_owned()],
            _ => raw,
        };
        let source = match matches.value_source(id) {
            Some(ValueSource::CommandLine) => format!("--{}", id.replace('_', "-")),
            Some(ValueSource::EnvVariable) => format!("MINTMARK_{}", id.to_uppercase()),
            _ => "default".to_owned(),
        };
        settings.push([id.replace('_', "-"), value.join(","), source]);
    }
    settings
}

/// A variable that is not ours, such as those that name a proxy.
#[allow(clippy::disallowed_methods, reason = "this is the one place")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Whether a variable is set but empty, as compose files leave what is not given: it counts as
/// absent.
#[allow(clippy::disallowed_methods, reason = "this is the one place")]
fn is_empty(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| value.is_empty())
}
