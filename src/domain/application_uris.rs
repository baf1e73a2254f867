//! The uris of applications: which one can have, that none is given to a second one, and the service
//! clients that name one that was given up.

use super::clients::{self, ClientUpdate};
use super::{Act, Authority, DomainError, Obstacle, Taken};
use crate::model::application::Application;
use crate::model::application_uri::{self, are_alike, lowercase_spellings};
use crate::model::client::Client;
use crate::model::ids::{ApplicationId, ClientId};
use crate::model::public_url::PublicUrl;
use crate::model::scope::{Scope, ScopeSet};
use crate::store::client_audiences::NamedClient;
use crate::store::{AnyConnection, application_uris, client_audiences};

/// How long an application that gave its uri up must do without it, in seconds: until then there may be
/// tokens for it that were issued before.
const GIVEN_UP_FOR: i64 = 3600;
/// How many clients are named at once; what is beyond shows when these are changed.
pub const NAMED: usize = 1000;

/// A client that names a uri which its application gave up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Follower {
    pub id: ClientId,
    pub name: String,
    /// Whether it names the new one now.
    pub moved: bool,
}

/// The uri of an application of this name that chooses none.
pub fn assigned(public_url: &PublicUrl, name: &str) -> String {
    public_url.join(&format!("/applications/{name}"))
}

/// That an application of this name can have this uri.
pub fn check(uri: &str, public_url: &PublicUrl, name: &str) -> Result<(), DomainError> {
    application_uri::check(uri, public_url.issuer(), &assigned(public_url, name))
        .map_err(|e| DomainError::invalid("uri", e))
}

/// That no application but `own` has, or had, this uri or one that is nearly it.
pub fn check_is_free(
    c: &mut AnyConnection,
    uri: &str,
    own: Option<ApplicationId>,
) -> Result<(), DomainError> {
    let held = application_uris::list_lowercase(c, &lowercase_spellings(uri))?;
    let others = held
        .into_iter()
        .filter(|held| Some(held.application) != own);
    let mut is_alike = false;
    for other in others {
        if other.uri == uri {
            return Err(DomainError::AlreadyExists(Taken::ApplicationUri));
        }
        is_alike |= are_alike(&other.uri, uri);
    }
    match is_alike {
        true => Err(DomainError::AlreadyExists(Taken::ApplicationUriAlike)),
        false => Ok(()),
    }
}

/// Keeps the uri that is left as the application's own, which can take it back in an hour; no other gets
/// it.
pub fn replace(
    c: &mut AnyConnection,
    act: &Act,
    before: &Application,
    after: &Application,
) -> Result<(), DomainError> {
    check_is_free(c, &after.uri, Some(after.id))?;
    if let Some(given_up_at) = application_uris::find_given_up(c, &after.uri)? {
        if act.now < given_up_at.plus_seconds(GIVEN_UP_FOR) {
            return Err(DomainError::FailedPrecondition(Obstacle::UriGivenUp));
        }
        application_uris::delete(c, &after.uri)?;
    }
    Ok(application_uris::create(
        c,
        before.id,
        &before.uri,
        act.now,
    )?)
}

/// The service clients that name a uri which the application gave up; for who may not see clients, none.
pub fn clients_of_former(
    c: &mut AnyConnection,
    authority: &Authority,
    application: ApplicationId,
) -> Result<Vec<NamedClient>, DomainError> {
    if !sees_clients(authority) {
        return Ok(Vec::new());
    }
    let mut found: Vec<NamedClient> = Vec::new();
    for uri in application_uris::list(c, application)? {
        for client in client_audiences::list(c, &uri, NAMED - found.len())? {
            if !found.contains(&client) {
                found.push(client);
            }
        }
    }
    Ok(found)
}

/// The clients that name the uri which the application has left; those that are asked for name the new
/// one from here on, each by the rules for changing it. Nothing is told to who may not see clients.
pub fn follow(
    c: &mut AnyConnection,
    act: &Act,
    before: &str,
    after: &str,
    asked: &[ClientId],
) -> Result<Option<Vec<Follower>>, DomainError> {
    if !asked.is_empty() {
        act.authority.check_has(ScopeSet::of(&[Scope::KeysWrite]))?;
    }
    if !sees_clients(&act.authority) && asked.is_empty() {
        return Ok(None);
    }
    for id in asked {
        let client = clients::find_service(c, &act.authority, id);
        let named = |client: Client| client.audiences.iter().any(|uri| uri == before);
        if !client.is_ok_and(named) {
            let reason = format!("{id} is no service client that names the former uri");
            return Err(DomainError::invalid("move-clients", reason));
        }
    }
    let named = client_audiences::list(c, before, NAMED)?;
    for id in asked {
        let client = clients::find_service(c, &act.authority, id)?;
        let renamed = |uri: String| if uri == before { after.to_owned() } else { uri };
        let update = ClientUpdate {
            audiences: Some(client.audiences.into_iter().map(renamed).collect()),
            default_audience: Some(client.default_audience.map(renamed)),
            ..ClientUpdate::default()
        };
        clients::update(c, act, id, update)?;
    }
    let follower = |client: NamedClient| Follower {
        moved: asked.contains(&client.id),
        id: client.id,
        name: client.name,
    };
    Ok(Some(named.into_iter().map(follower).collect()))
}

fn sees_clients(authority: &Authority) -> bool {
    authority
        .check_has(ScopeSet::of(&[Scope::KeysRead]))
        .is_ok()
}
