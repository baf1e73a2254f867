//! Issues tokens: the client credentials grant (RFC 6749 section 4.4) with resource indicators
//! (RFC 8707), as an ordered list of checks. Nothing is written.

use super::authenticate::{Authenticated, generation};
use super::claims::{ACCESS_TOKEN_TYP, AccessTokenClaims, ID_TOKEN_TYP, IdTokenClaims, Subject};
use crate::ambient::random_base62;
use crate::directory::{Freshness, Keyring, KnownApplication};
use crate::model::audience::is_resource;
use crate::model::public_url::PublicUrl;
use crate::model::scope::{Scope, ScopeSet, scope_tokens};
use crate::model::timestamp::Timestamp;
use crate::signing::{SignError, at_hash, sign};

/// How long a token lives at most while the database is away, in seconds.
const OUTAGE_LIFETIME: i64 = 300;

/// What no token gets while the database is away, since nobody could take it back.
const NOT_DURING_OUTAGE: ScopeSet = ScopeSet::of(&[
    Scope::UsersRead,
    Scope::UsersWrite,
    Scope::KeysRead,
    Scope::KeysWrite,
    Scope::AuditRead,
    Scope::Introspect,
]);

/// What a client asks for.
#[derive(Clone, Default, Debug)]
pub struct TokenRequest {
    pub scope: Option<String>,
    pub resource: Option<String>,
}

impl TokenRequest {
    fn asks_for_openid(&self) -> bool {
        let mut names = self.scope.iter().flat_map(|scope| scope.split(' '));
        names.any(|name| name == Scope::OpenId.as_str())
    }
}

/// What a token is asked for: what the request names, else the client's default audience as it was
/// stored (RFC 8707 section 2), else nothing, which is the console API. An id_token is for the console
/// alone, and so is a request for one.
pub fn audience<'a>(to: &'a Authenticated, request: &'a TokenRequest) -> Option<&'a str> {
    let default = || to.client.client.default_audience.as_deref();
    match request.resource.as_deref() {
        None if !request.asks_for_openid() => default(),
        named => named,
    }
}

/// What a client gets; the members stand in the order in which they are sent.
#[derive(Debug)]
pub struct Issued {
    pub access_token: String,
    /// In seconds.
    pub expires_in: i64,
    /// What was granted, with a space between; empty when nothing was.
    pub scope: String,
    pub id_token: Option<String>,
}

/// Why nothing is issued.
#[derive(Debug, thiserror::Error)]
pub enum NotIssued {
    #[error("a scope that is malformed, unknown, or more than the client may have")]
    InvalidScope,
    #[error("a resource that is malformed, unknown, or not the client's to reach")]
    InvalidTarget,
    #[error("no resource, no default audience, and no scope at the console")]
    NoAudience,
    /// The application must be read from the database before this can be decided.
    #[error("the application is not in memory")]
    MustReadApplication,
    #[error("not while the database is away")]
    Unavailable,
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// What issuing decides from.
pub struct Issuing<'a> {
    pub public_url: &'a PublicUrl,
    pub keyring: &'a Keyring,
    pub freshness: Freshness,
    /// The application that [`audience`] names, if it is known.
    pub application: Option<&'a KnownApplication>,
    /// Whether the database was asked for it just now.
    pub was_read: bool,
    pub now: Timestamp,
}

/// What a token is for.
enum Target<'a> {
    Console,
    Application(&'a KnownApplication),
}

/// What a token is good for there.
struct Granted {
    scope: String,
    /// Whether an id_token comes with it.
    openid: bool,
}

impl Issuing<'_> {
    /// Issues what `request` asks for to a client that has proved who it is.
    pub fn issue(&self, to: &Authenticated, request: &TokenRequest) -> Result<Issued, NotIssued> {
        let target = self.target(to, request)?;
        let granted = self.scope(to, &target, request.scope.as_deref())?;
        let lifetime = match self.freshness {
            Freshness::Fresh => to.client.client.lifetime,
            Freshness::Stale => to.client.client.lifetime.min(OUTAGE_LIFETIME),
            Freshness::Lost => return Err(NotIssued::Unavailable),
        };
        // A token outlives neither its client nor the secret that it is issued for.
        let lifetime = match to.ends_at() {
            Some(at) => lifetime.min(at.seconds() - self.now.seconds()),
            None => lifetime,
        };
        self.sign(to, &target, granted, lifetime)
    }

    fn target<'t>(
        &'t self,
        to: &Authenticated,
        request: &TokenRequest,
    ) -> Result<Target<'t>, NotIssued> {
        // A service client has the console among its audiences exactly while it has a scope there.
        let has_console = to.owner.is_some() || !to.client.client.scope.is_empty();
        let Some(resource) = audience(to, request) else {
            // Who asks for openid is told about the scope.
            return match has_console || request.asks_for_openid() {
                true => Ok(Target::Console),
                false => Err(NotIssued::NoAudience),
            };
        };
        if resource == self.public_url.console_audience() {
            return match has_console {
                true => Ok(Target::Console),
                false => Err(NotIssued::InvalidTarget),
            };
        }
        let reachable = self.application.filter(|application| match &to.owner {
            Some(owner) => application.lets_in(owner.user.id, owner.user.user_list_id),
            None => to.client.client.audiences.iter().any(|a| a == resource),
        });
        match reachable {
            Some(application) => Ok(Target::Application(application)),
            None if !is_resource(resource) => Err(NotIssued::InvalidTarget),
            None if self.was_read => Err(NotIssued::InvalidTarget),
            None => Err(NotIssued::MustReadApplication),
        }
    }

    fn scope(
        &self,
        to: &Authenticated,
        target: &Target<'_>,
        asked: Option<&str>,
    ) -> Result<Granted, NotIssued> {
        match target {
            Target::Console => {
                let scope = self.console_scope(to, asked)?;
                Ok(Granted {
                    scope: scope.to_string(),
                    openid: scope.contains(Scope::OpenId),
                })
            }
            // Console scopes mean nothing to an application.
            Target::Application(application) => Ok(Granted {
                scope: application_scope(to, application, asked)?,
                openid: false,
            }),
        }
    }

    fn console_scope(
        &self,
        to: &Authenticated,
        asked: Option<&str>,
    ) -> Result<ScopeSet, NotIssued> {
        let whole = effective_scope(to);
        let Some(asked) = asked else {
            return Ok(match self.freshness {
                Freshness::Fresh => whole,
                _ => whole - NOT_DURING_OUTAGE,
            });
        };
        let asked = ScopeSet::parse(asked).map_err(|_| NotIssued::InvalidScope)?;
        if !asked.is_subset(whole) {
            return Err(NotIssued::InvalidScope);
        }
        if self.freshness != Freshness::Fresh && !(asked & NOT_DURING_OUTAGE).is_empty() {
            return Err(NotIssued::Unavailable);
        }
        Ok(asked)
    }

    fn sign(
        &self,
        to: &Authenticated,
        target: &Target<'_>,
        granted: Granted,
        lifetime: i64,
    ) -> Result<Issued, NotIssued> {
        let client = &to.client.client;
        let key = self.keyring.active();
        let Granted { scope, openid } = granted;
        let iss = self.public_url.issuer();
        let iat = self.now.seconds();
        let exp = iat + lifetime;
        let generation = generation(&to.client, to.owner.as_deref());
        let stem = random_base62(22);
        let user_id = client.owner.map(|id| id.to_string());
        let access_token = sign(
            key,
            ACCESS_TOKEN_TYP,
            &AccessTokenClaims {
                iss,
                sub: user_id.as_deref().unwrap_or(client.id.as_str()),
                aud: match target {
                    Target::Console => self.public_url.console_audience(),
                    Target::Application(application) => &application.uri,
                },
                client_id: client.id.as_str(),
                iat,
                exp,
                jti: &format!("{stem}.a"),
                scope: &scope,
                generation,
            },
        )?;
        let subject = to.owner.as_ref().map(|owner| Subject {
            user_id: owner.user.id,
            user_list_id: owner.user.user_list_id,
            user_presentation: &owner.user.presentation,
            client_id: &client.id,
        });
        let id_token = match subject.filter(|_| openid) {
            None => None,
            Some(subject) => Some(sign(
                key,
                ID_TOKEN_TYP,
                &IdTokenClaims {
                    iss,
                    sub: &subject.to_text(),
                    aud: client.id.as_str(),
                    iat,
                    exp,
                    at_hash: &at_hash(&access_token),
                    jti: &format!("{stem}.i"),
                    scope: &scope,
                    generation,
                },
            )?),
        };
        Ok(Issued {
            access_token,
            expires_in: lifetime,
            scope,
            id_token,
        })
    }
}

/// What a client may do at the console API now: its own scope, cut by its owner's role.
pub fn effective_scope(client: &Authenticated) -> ScopeSet {
    let scope = client.client.client.scope;
    match &client.owner {
        Some(owner) => scope & owner.user.role.scopes(),
        None => scope,
    }
}

/// What is granted at an application: of the scopes that it defines now, in its order, those that
/// the client was given; or those of them that are asked for.
fn application_scope(
    to: &Authenticated,
    application: &KnownApplication,
    asked: Option<&str>,
) -> Result<String, NotIssued> {
    let given = to.client.client.application_scopes.of(application.id);
    let defined = application
        .scopes
        .iter()
        .filter(|scope| given.contains(scope));
    let mut granted: Vec<&str> = defined.map(String::as_str).collect();
    if let Some(asked) = asked {
        let asked: Vec<&str> = scope_tokens(asked).collect();
        if asked.is_empty() || asked.iter().any(|name| !granted.contains(name)) {
            return Err(NotIssued::InvalidScope);
        }
        granted.retain(|name| asked.contains(name));
    }
    Ok(granted.join(" "))
}
