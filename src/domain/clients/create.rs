//! Clients made here, and clients taken over from another system.

use super::{record, rules, summary, values};
use crate::ambient::random_base62;
use crate::domain::secret::{DigestKeys, generate, is_acceptable};
use crate::domain::{Act, DomainError, Obstacle, Taken, generations};
use crate::model::client::{Client, KEYS_PER_USER};
use crate::model::granted_scopes::GrantedScopes;
use crate::model::ids::{ClientId, UserId};
use crate::model::network::Networks;
use crate::model::scope::ScopeSet;
use crate::model::secret::Secret;
use crate::model::text::tidy;
use crate::model::timestamp::Timestamp;
use crate::store::clients::{Wanted, Whose};
use crate::store::{AnyConnection, client_secrets, clients, users};

/// The generation of a client whose id was made here, and never was before.
const FIRST_GENERATION: i64 = 1;

/// What a new client is to be.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// Whose access key it is to be; a service client without.
    pub owner: Option<UserId>,
    pub name: String,
    pub description: String,
    pub scope: ScopeSet,
    pub application_scopes: GrantedScopes,
    pub audiences: Vec<String>,
    /// What is said of the default audience. Where nothing is, a service client with one audience and
    /// no scope at the console has that one, which is then stored like any other.
    pub default_audience: Option<Option<String>>,
    /// In seconds.
    pub lifetime: i64,
    pub allowed_networks: Networks,
    pub expires_at: Option<Timestamp>,
    /// Whether it carries the mark of the same name.
    pub provisions_users: bool,
}

/// Makes a client with an id and a secret of our own; this is the only time the secret is seen.
pub fn create(
    c: &mut AnyConnection,
    act: &Act,
    keys: &DigestKeys,
    new: NewClient,
) -> Result<(Client, Secret), DomainError> {
    let id = format!(
        "{}{}",
        ClientId::PREFIX,
        random_base62(ClientId::RANDOM_LENGTH)
    );
    let id = ClientId::parse(&id).map_err(|e| DomainError::Internal(e.to_string()))?;
    let secret = generate();
    let client = add(
        c,
        act,
        keys,
        (id, FIRST_GENERATION),
        &secret,
        new,
        "client.created",
    )?;
    Ok((client, secret))
}

/// Takes over a client from another system, with its id and secret as they are.
pub fn import(
    c: &mut AnyConnection,
    act: &Act,
    keys: &DigestKeys,
    id: ClientId,
    secret: &Secret,
    new: NewClient,
) -> Result<Client, DomainError> {
    if !is_acceptable(secret) {
        let reason = "a secret has 32 to 256 printable ASCII characters";
        return Err(DomainError::invalid("secret", reason));
    }
    if clients::was_ever_used(c, &id)? {
        return Err(DomainError::AlreadyExists(Taken::ClientId));
    }
    // The id can have been taken over before, in a history that a backup replaced.
    let generation = generations::of_imported_client(c, new.owner)?;
    add(
        c,
        act,
        keys,
        (id, generation),
        secret,
        new,
        "client.imported",
    )
}

fn add(
    c: &mut AnyConnection,
    act: &Act,
    keys: &DigestKeys,
    (id, generation): (ClientId, i64),
    secret: &Secret,
    new: NewClient,
    kind: &'static str,
) -> Result<Client, DomainError> {
    if let Some(owner) = new.owner {
        if !act.authority.reaches_user(owner) {
            return Err(DomainError::NotFound("user"));
        }
        users::find(c, owner)?.ok_or(DomainError::NotFound("user"))?;
        if count_keys(c, owner)? >= KEYS_PER_USER {
            return Err(DomainError::FailedPrecondition(Obstacle::TooManyKeys));
        }
    }
    let default_audience = new
        .default_audience
        .unwrap_or_else(|| match new.audiences.as_slice() {
            [one] if new.owner.is_none() && new.scope.is_empty() => Some(one.clone()),
            _ => None,
        });
    let client = Client {
        id,
        owner: new.owner,
        name: tidy(&new.name),
        description: tidy(&new.description),
        scope: new.scope,
        application_scopes: new.application_scopes,
        audiences: new.audiences,
        default_audience,
        lifetime: new.lifetime,
        allowed_networks: act.authority.bound_networks(new.allowed_networks)?,
        expires_at: act.authority.bound_expiry(new.expires_at)?,
        provisions_users: new.provisions_users,
        disabled: None,
        generation,
        created_at: act.now,
    };
    values::check(c, None, &client, act.now)?;
    rules::check_may_make(c, &act.authority, &client)?;
    clients::create(c, &client)?;
    client_secrets::create(c, &keys.row(&client.id, secret, act.now))?;
    record(c, act, &client, kind, summary(&client))?;
    Ok(client)
}

fn count_keys(c: &mut AnyConnection, owner: UserId) -> Result<i64, DomainError> {
    let wanted = Wanted {
        whose: Whose::User(owner),
        search: None,
    };
    Ok(clients::count(c, &wanted)?)
}
