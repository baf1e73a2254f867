//! Checks a Bearer token at the console API (RFC 6750, RFC 8725, RFC 9068 section 4): in memory,
//! in a fixed order, every failure alike to the caller.

use std::net::IpAddr;
use std::sync::Arc;

use serde::Deserialize;

use super::authenticate::{Authenticated, Refusal, generation, is_usable};
use super::authority::{Authority, Bounds, Reach};
use super::claims::{ACCESS_TOKEN_TYP, ID_TOKEN_TYP, ReadSubject};
use super::token::effective_scope;
use crate::directory::{Directory, Freshness, KnownClient, KnownUser};
use crate::model::audit::Actor;
use crate::model::client::TOKEN_LIFETIME;
use crate::model::ids::{ClientId, UserId};
use crate::model::object::Object;
use crate::model::public_url::PublicUrl;
use crate::model::scope::ScopeSet;
use crate::model::timestamp::Timestamp;
use crate::signing::{TokenError, parse_claims, read_header};
use crate::store::clients::Whose;
use crate::store::{AnyConnection, StoreError, clients, users};

/// How far our clock and a token's may be apart, in seconds.
const SKEW: i64 = 10;

/// Who calls, and what they may do now.
#[derive(Clone, Debug)]
pub struct Caller {
    pub authenticated: Authenticated,
    /// The token's scope, cut by the client's and the owner's role as they are now.
    pub scope: ScopeSet,
}

impl Caller {
    /// What the token amounts to.
    pub fn authority(&self) -> Authority {
        let client = &self.authenticated.client.client;
        let (actor, reach) = match &self.authenticated.owner {
            Some(owner) => (
                Actor::AccessKey(owner.user.id, client.id.clone()),
                Reach::of(&owner.user),
            ),
            None => (Actor::ServiceClient(client.id.clone()), Reach::Everything),
        };
        Authority {
            actor,
            reach,
            scope: self.scope,
            bounds: Some(Bounds {
                expires_at: client.expires_at,
                networks: client.allowed_networks.clone(),
                lifetime: client.lifetime,
                audiences: client.audiences.clone(),
                application_scopes: client.application_scopes.clone(),
                provisions_users: client.provisions_users,
            }),
        }
    }
}

/// Why a token is refused: for the log only.
#[derive(Debug, thiserror::Error)]
pub enum Invalid {
    #[error("{0}")]
    Token(#[from] TokenError),
    #[error("unknown kid")]
    Kid,
    #[error("the claim {0} is not ours or not as it must be")]
    Claim(&'static str),
    #[error("expired")]
    Expired,
    #[error("from the future")]
    FromTheFuture,
    #[error("id_tokens are not taken here")]
    IdTokenRefused,
    #[error("{0}")]
    Client(#[from] Refusal),
    #[error("issued before the client was cut off")]
    Generation,
}

/// How a check ends, or what it needs before it can.
#[derive(Debug)]
pub enum Checked {
    Valid(Box<Caller>),
    Invalid(Invalid),
    /// The token is ours, and was this client's, who may not call with it now.
    Refused(ClientId, Invalid),
    /// The client is not in memory: read it on a thread that may wait, then check again.
    MustRead(ClientId),
    /// Nothing can be decided: the database was away too long.
    Unavailable,
}

/// What the check decides from.
#[derive(Clone)]
pub struct Checking<'a> {
    pub directory: &'a Directory,
    pub public_url: &'a PublicUrl,
    /// Whether an id_token is taken as a Bearer token, as existing console clients send it.
    pub accept_id_tokens: bool,
    /// What was read just now because memory did not have it: nothing within when there is no such
    /// client. It counts as read, since memory need not have kept it.
    pub read: Option<Option<Authenticated>>,
    pub peer: IpAddr,
    pub now: Timestamp,
}

/// What both tokens say in the end.
struct Said {
    client_id: ClientId,
    subject: Option<UserId>,
    generation: i64,
    scope: ScopeSet,
}

/// The claims as they arrive: owned, because a token may escape its characters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessToken {
    iss: String,
    sub: String,
    aud: String,
    client_id: String,
    iat: i64,
    exp: i64,
    jti: String,
    /// Absent where nothing was granted; empty in a token of release 0.1.
    #[serde(default)]
    scope: String,
    r#gen: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IdToken {
    iss: String,
    sub: String,
    aud: String,
    iat: i64,
    exp: i64,
    at_hash: String,
    jti: String,
    scope: String,
    r#gen: i64,
}

impl Checking<'_> {
    /// Checks `token`.
    pub fn check(&self, token: &str) -> Checked {
        if self.directory.freshness() == Freshness::Lost {
            return Checked::Unavailable;
        }
        let said = match self.read(token) {
            Ok(said) => said,
            Err(invalid) => return Checked::Invalid(invalid),
        };
        let known = match &self.read {
            Some(read) => read.clone(),
            None => self.in_memory(&said.client_id),
        };
        match known {
            None if self.read.is_some() => {
                Checked::Refused(said.client_id, Invalid::Client(Refusal::Unknown))
            }
            None => Checked::MustRead(said.client_id),
            Some(authenticated) => {
                let current = generation(&authenticated.client, authenticated.owner.as_deref());
                // Issued by another process after a change that was not followed here yet.
                if said.generation > current && self.read.is_none() {
                    return Checked::MustRead(said.client_id);
                }
                match self.weigh(&said, authenticated) {
                    Ok(caller) => Checked::Valid(Box::new(caller)),
                    Err(invalid) => Checked::Refused(said.client_id, invalid),
                }
            }
        }
    }

    /// Checks `token`, which is this client's, once more by what holds inside the transaction that is
    /// to be done with it: nothing is done there with a right that was taken away before.
    pub fn check_inside(
        mut self,
        c: &mut AnyConnection,
        token: &str,
        id: &ClientId,
    ) -> Result<Checked, StoreError> {
        self.read = Some(read_inside(c, id)?);
        Ok(self.check(token))
    }

    fn in_memory(&self, id: &ClientId) -> Option<Authenticated> {
        let client = self.directory.client(id)?;
        let owner = match client.client.owner {
            Some(owner) => Some(self.directory.user(owner)?),
            None => None,
        };
        Some(Authenticated {
            client,
            owner,
            secret: None,
        })
    }

    /// What can be told from the token alone.
    fn read(&self, token: &str) -> Result<Said, Invalid> {
        let unverified = read_header(token)?;
        let typ = unverified.typ().to_owned();
        let keyring = self.directory.keyring();
        let key = keyring.find(unverified.kid()).ok_or(Invalid::Kid)?;
        let payload = unverified.verify(key.public())?;
        match typ.as_str() {
            ACCESS_TOKEN_TYP => self.read_access_token(&payload),
            ID_TOKEN_TYP if self.accept_id_tokens => self.read_id_token(&payload),
            _ => Err(Invalid::IdTokenRefused),
        }
    }

    fn read_access_token(&self, payload: &[u8]) -> Result<Said, Invalid> {
        let claims: AccessToken = parse_claims(payload)?;
        self.check_common(&claims.iss, claims.iat, claims.exp, &claims.jti)?;
        if claims.aud != self.public_url.console_audience() {
            return Err(Invalid::Claim("aud"));
        }
        let subject = UserId::parse(&claims.sub);
        if subject.is_none() && claims.sub != claims.client_id {
            return Err(Invalid::Claim("sub"));
        }
        said(&claims.client_id, subject, claims.r#gen, &claims.scope)
    }

    fn read_id_token(&self, payload: &[u8]) -> Result<Said, Invalid> {
        let claims: IdToken = parse_claims(payload)?;
        self.check_common(&claims.iss, claims.iat, claims.exp, &claims.jti)?;
        if claims.at_hash.is_empty() {
            return Err(Invalid::Claim("at_hash"));
        }
        let subject: ReadSubject = parse_claims(claims.sub.as_bytes())?;
        let Object(identity) = subject.auth_identity;
        if identity.domain != "user_tokens" {
            return Err(Invalid::Claim("sub"));
        }
        if claims.aud != identity.name {
            return Err(Invalid::Claim("aud"));
        }
        let user = UserId::parse(&subject.user_id).ok_or(Invalid::Claim("sub"))?;
        said(&claims.aud, Some(user), claims.r#gen, &claims.scope)
    }

    fn check_common(&self, iss: &str, iat: i64, exp: i64, jti: &str) -> Result<(), Invalid> {
        if iss != self.public_url.issuer() {
            return Err(Invalid::Claim("iss"));
        }
        if jti.is_empty() || jti.len() > 64 {
            return Err(Invalid::Claim("jti"));
        }
        let lifetime = exp.checked_sub(iat).ok_or(Invalid::Claim("exp"))?;
        if !(1..=TOKEN_LIFETIME).contains(&lifetime) {
            return Err(Invalid::Claim("exp"));
        }
        // In milliseconds: in whole seconds a token would be taken for most of a second too long.
        if Timestamp::from_seconds(iat) > self.now.plus_seconds(SKEW) {
            return Err(Invalid::FromTheFuture);
        }
        if Timestamp::from_seconds(exp) < self.now.plus_seconds(-SKEW) {
            return Err(Invalid::Expired);
        }
        Ok(())
    }

    /// What depends on the client and its owner as they are now.
    fn weigh(&self, said: &Said, authenticated: Authenticated) -> Result<Caller, Invalid> {
        let owner = authenticated.owner.as_deref();
        if said.subject != authenticated.client.client.owner {
            return Err(Invalid::Claim("sub"));
        }
        is_usable(&authenticated.client, owner, self.peer, self.now)?;
        if said.generation != generation(&authenticated.client, owner) {
            return Err(Invalid::Generation);
        }
        let scope = said.scope & effective_scope(&authenticated);
        Ok(Caller {
            authenticated,
            scope,
        })
    }
}

/// The client and its owner, as far as it is asked whether they may act and how far that reaches.
fn read_inside(c: &mut AnyConnection, id: &ClientId) -> Result<Option<Authenticated>, StoreError> {
    let Some(client) = clients::find(c, id, Whose::Any)? else {
        return Ok(None);
    };
    let owner = match client.owner {
        None => None,
        Some(owner) => match users::find(c, owner)? {
            None => return Ok(None),
            Some(user) => Some(Arc::new(KnownUser {
                user,
                second_factor: false,
                keys: Vec::new(),
            })),
        },
    };
    let secrets = Vec::new();
    Ok(Some(Authenticated {
        client: Arc::new(KnownClient { client, secrets }),
        owner,
        secret: None,
    }))
}

fn said(
    client_id: &str,
    subject: Option<UserId>,
    generation: i64,
    scope: &str,
) -> Result<Said, Invalid> {
    // What asks for a token may have a space too many; what we write has none.
    let is_tidy = scope.is_empty() || scope.split(' ').all(|name| !name.is_empty());
    let parsed = ScopeSet::parse(scope).ok().filter(|_| is_tidy);
    Ok(Said {
        client_id: ClientId::parse(client_id).map_err(|_| Invalid::Claim("client_id"))?,
        subject,
        generation,
        scope: parsed.ok_or(Invalid::Claim("scope"))?,
    })
}
