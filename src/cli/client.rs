//! `client`: access keys and service clients.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::client_args::{LimitArgs, Shown, UnlimitedArgs, seconds};
use super::input::read_secret;
use super::output::say;
use super::{CliError, Desk, Output};
use crate::domain::clients::{self, ClientUpdate, NewClient, Rotation};
use crate::domain::{Act, DomainError, Obstacle, users};
use crate::model::client::{Client, TOKEN_LIFETIME};
use crate::model::ids::ClientId;
use crate::model::scope::ScopeSet;
use crate::model::secret::Secret;
use crate::store::AnyConnection;
use crate::store::clients::{self as store_clients, Whose};

#[derive(Subcommand)]
pub enum ClientCommand {
    /// Make an access key or a service client; shows its secret, this once
    Create {
        #[command(flatten)]
        owner: OwnerArgs,
        #[command(flatten)]
        limits: LimitArgs,
    },
    /// Take over a client from another system, with its id and secret
    Import {
        /// The id that it has there
        #[arg(long)]
        id: String,
        #[command(flatten)]
        secret: SecretArgs,
        #[command(flatten)]
        owner: OwnerArgs,
        #[command(flatten)]
        limits: LimitArgs,
    },
    /// List clients
    List {
        /// Only the access keys of this user
        #[arg(long, value_name = "LOGIN")]
        user: Option<String>,
    },
    /// Change what is given; the rest stays
    Update {
        #[command(flatten)]
        id: IdArgs,
        #[command(flatten)]
        limits: LimitArgs,
        #[command(flatten)]
        unlimited: UnlimitedArgs,
    },
    /// Add a second secret, which is shown this once; the older one ends by itself
    Rotate {
        #[command(flatten)]
        id: IdArgs,
        /// When the older secret ends; with 0s at once
        #[arg(long, value_name = "TIME", default_value = "24h", value_parser = seconds)]
        old_ends_in: i64,
    },
    /// Switch a client off
    Disable(IdArgs),
    /// Switch a client on again; tokens issued before stay refused
    Enable(IdArgs),
    /// Refuse every token issued to a client so far; the client goes on
    ///
    /// A program that keeps its token until it ends, whatever it is answered, fails until then: so does
    /// Prometheus, and whatever else is built on Go's x/oauth2. Restart it, or give its client a
    /// shorter --lifetime.
    CutOff(IdArgs),
    /// Delete a client; its id is never used again
    Delete(IdArgs),
}

#[derive(Args)]
pub struct IdArgs {
    /// The client's client_id
    #[arg(long)]
    id: String,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct OwnerArgs {
    /// Whose access key it is to be
    #[arg(long, value_name = "LOGIN")]
    user: Option<String>,
    /// The name of a service client, which acts for itself
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct SecretArgs {
    /// Read the secret from standard input
    #[arg(long)]
    secret_stdin: bool,
    /// Read the secret from a file
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

const WHOLE_SCOPE: &str = "Without --scope the key may do all that its owner may.";

/// A client and its new secret.
#[derive(Serialize)]
struct Made {
    client_id: String,
    client_secret: String,
    scope: String,
}

impl IdArgs {
    fn parse(&self) -> Result<ClientId, CliError> {
        parse_id(&self.id)
    }
}

fn parse_id(text: &str) -> Result<ClientId, CliError> {
    ClientId::parse(text).map_err(|e| CliError::Other(format!("--id: {e}")))
}

fn made(client: &Client, secret: &Secret) -> Made {
    Made {
        client_id: client.id.to_string(),
        client_secret: secret.expose().to_owned(),
        scope: client.scope.to_string(),
    }
}

/// What the arguments ask for. An access key without `--scope` gets all that its owner may do.
fn new_client(
    c: &mut AnyConnection,
    act: &Act,
    owner: OwnerArgs,
    limits: LimitArgs,
) -> Result<NewClient, DomainError> {
    let owner_user = match &owner.user {
        Some(login) => Some(users::find_by_login(c, login)?),
        None => None,
    };
    let whole = owner_user.as_ref().map(|user| user.role.scopes());
    let description = limits.description.clone();
    let (name, description) = match owner.service {
        Some(name) => (name, description.unwrap_or_default()),
        None => (
            description.unwrap_or_else(|| "Access key".to_owned()),
            String::new(),
        ),
    };
    Ok(NewClient {
        owner: owner_user.map(|user| user.id),
        name,
        description,
        scope: limits.scope.or(whole).unwrap_or(ScopeSet::EMPTY),
        lifetime: limits.lifetime.unwrap_or(TOKEN_LIFETIME),
        allowed_networks: limits.networks(),
        expires_at: limits.expires_at(act.now),
        provisions_users: limits.provisions_users,
        application_scopes: limits.granted()?,
        default_audience: limits.default_audience.map(Some),
        audiences: limits.audience,
    })
}

pub fn run(command: ClientCommand, desk: &Desk, output: Output) -> Result<(), CliError> {
    match command {
        ClientCommand::Create { owner, limits } => {
            let keys = desk.digest_keys()?;
            let says_scope = owner.user.is_some() && limits.scope.is_none();
            limits.check_time(desk)?;
            let (client, secret) = desk.write(|c, act| {
                let new = new_client(c, act, owner, limits)?;
                clients::create(c, act, &keys, new)
            })?;
            if says_scope {
                say(WHOLE_SCOPE);
            }
            output.one(&made(&client, &secret))
        }
        ClientCommand::Import {
            id,
            secret,
            owner,
            limits,
        } => {
            let id = parse_id(&id)?;
            let secret = read_secret(secret.secret_file.as_deref())?;
            let keys = desk.digest_keys()?;
            let says_scope = owner.user.is_some() && limits.scope.is_none();
            limits.check_time(desk)?;
            let client = desk.write(|c, act| {
                let new = new_client(c, act, owner, limits)?;
                clients::import(c, act, &keys, id, &secret, new)
            })?;
            if says_scope {
                say(WHOLE_SCOPE);
            }
            output.one(&Shown::from(client))
        }
        ClientCommand::List { user } => {
            let found = desk.read(|c| {
                let owner = match user {
                    Some(login) => Whose::User(users::find_by_login(c, &login)?.id),
                    None => Whose::Any,
                };
                Ok(store_clients::list_all(c, owner)?)
            })?;
            let shown: Vec<Shown> = found.into_iter().map(Shown::from).collect();
            output.list(&shown)
        }
        ClientCommand::Update {
            id,
            limits,
            unlimited,
        } => {
            let id = id.parse()?;
            limits.check_time(desk)?;
            let client = desk.write(|c, act| {
                let is_service = clients::find(c, &act.authority, &id)?.owner.is_none();
                let update = limits.to_update(&unlimited, is_service, act.now)?;
                if update == ClientUpdate::default() {
                    return Err(DomainError::FailedPrecondition(Obstacle::NothingToChange));
                }
                clients::update(c, act, &id, update)
            })?;
            output.one(&Shown::from(client))
        }
        ClientCommand::Rotate { id, old_ends_in } => {
            let id = id.parse()?;
            let keys = desk.digest_keys()?;
            // With 0 all older ones end, by nobody's clock.
            if old_ends_in > 0 {
                desk.check_time()?;
                desk.check_ended(&id)?;
            }
            let (client, secret) = desk
                .write(|c, act| clients::rotate(c, act, &keys, &id, Rotation::of(old_ends_in)))?;
            output.one(&made(&client, &secret))
        }
        ClientCommand::Disable(id) => switch(desk, output, &id, clients::disable),
        ClientCommand::Enable(id) => switch(desk, output, &id, clients::enable),
        ClientCommand::CutOff(id) => switch(desk, output, &id, clients::cut_off),
        ClientCommand::Delete(id) => {
            let id = id.parse()?;
            desk.write(|c, act| clients::delete(c, act, &id))
        }
    }
}

type Switch = fn(&mut AnyConnection, &Act, &ClientId) -> Result<Client, DomainError>;

fn switch(desk: &Desk, output: Output, id: &IdArgs, act: Switch) -> Result<(), CliError> {
    let id = id.parse()?;
    let client = desk.write(|c, by| act(c, by, &id))?;
    output.one(&Shown::from(client))
}
